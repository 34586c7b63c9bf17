"""The portal as a whole: suspended, being restored, unpaid, behind a proxy, in another zone, from a backup."""

from datetime import datetime

import pytest
import requests

from simulator.portal import seed
from tests.contract.simulator_quirks.portal import until

ROUTES = (
    ("GET", "files/file/{file}"), ("GET", "files/file/1"), ("GET", "files/folder/86190"), ("GET", "files/86190"),
    ("GET", "files/folder/86190/path"), ("GET", "files/rooms"), ("GET", "files/fileops"),
    ("PUT", "files/fileops/move"), ("GET", "settings/webhook"), ("GET", "settings/webhooks/log"),
)  # fmt: skip
STATES = [("suspended", 404, 404, 404, 1), ("restoring", 403, 200, 200, 4), ("unpaid", 402, 200, 402, 0)]


def mood(portal, **changed):
    return portal.own("PUT", "simulator/portal", json=changed)


@pytest.mark.parametrize("seen", STATES, ids=lambda seen: seen[0])
def test_each_state_answers_as_it_was_seen_to(portal, seen):
    state, status, self_status, key_status, tenant = seen
    file_id = portal.upload()
    mood(portal, state=state)
    for key in ("sk-simulator", "sk-wrong"):
        for method, path in ROUTES:
            answer = portal.call(method, path.format(file=file_id), key=key)
            assert (answer.status_code, "error" in answer.json()) == (status, False)
            assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
            assert ("title" in answer.json()) == (state != "unpaid")
    assert portal.call("GET", "people/@self").status_code == self_status
    assert portal.call("GET", "keys/@self").status_code == key_status
    assert portal.call("GET", "nonsense").status_code == 404
    assert portal.call("GET", "settings").json()["response"]["tenantStatus"] == tenant
    mood(portal, state="active")
    assert portal.file(file_id)["id"] == file_id


@pytest.mark.parametrize("status", [200, 503])
def test_a_page_of_maintenance_answers_everything(portal, status):
    mood(portal, maintenance=status)
    for path in ("settings", "people/@self", "nonsense"):
        answer = portal.call("GET", path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
        assert b"<html>" in answer.content


@pytest.mark.parametrize("status", [301, 302])
def test_a_renamed_portal_redirects_everything(portal, status):
    mood(portal, renamed="https://new.example/", redirect=status)
    answer = portal.call("PUT", "files/fileops/move?x=1", allow_redirects=False)
    assert answer.status_code == status
    assert answer.headers["Location"] == "https://new.example/api/2.0/files/fileops/move?x=1"


def test_a_proxy_that_takes_the_key_leaves_nobody(portal):
    file_id = portal.upload()
    mood(portal, drop_key=True)
    answer = portal.call("GET", f"files/file/{file_id}")
    assert (answer.status_code, answer.json()["error"]["type"]) == (403, "System.InvalidOperationException")
    assert portal.call("GET", "keys/@self").status_code == 401
    assert portal.call("GET", "settings").json()["response"]["docSpace"] is True


def test_a_key_that_is_switched_on_again_is_the_same_key(portal):
    mood(portal, key_off=True)
    assert portal.call("GET", "files/fileops").status_code == 403
    assert portal.call("GET", "keys/@self").status_code == 401
    assert portal.call("GET", "keys/@self", key=seed.CLIENT_KEY).status_code == 200
    mood(portal, key_off=False)
    assert portal.call("GET", "keys/@self").status_code == 200


def test_a_mood_keeps_what_it_does_not_name_and_a_reset_ends_it(portal):
    mood(portal, state="unpaid")
    assert mood(portal, timezone="-05:00")["state"] == "unpaid"
    portal.own("POST", "simulator/reset")
    assert portal.own("GET", "simulator/portal")["state"] == "active"


@pytest.mark.parametrize(
    "nonsense", [{"state": "odd"}, {"timezone": "Berlin"}, {"mood": 1}, {"maintenance": 418}, []]
)
def test_a_mood_that_there_is_not_is_refused(portal, nonsense):
    answer = requests.put(f"{portal.url}/simulator/portal", json=nonsense, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_after_a_restore_the_files_of_the_backup_are_there_and_later_ids_come_again(portal):
    kept = portal.upload(name="kept.pdf")
    portal.own("POST", "simulator/portal/backup")
    lost = portal.upload(name="lost.pdf")
    portal.finished(portal.move(kept))
    portal.own("POST", "simulator/portal/restore")
    assert portal.file(kept)["folderId"] == seed.CLIENT_ROOM
    assert portal.file(lost) == 404
    assert portal.upload(name="new.pdf") == lost
    portal.own("POST", "simulator/portal/restore")
    assert portal.file(lost) == 404


def test_the_zone_shows_in_each_place_in_its_own_way(portal, receiver):
    receiver.hold.clear()
    file_id = portal.upload()
    until(lambda: receiver.posts)
    utc = portal.file(file_id)["created"]
    row = portal.call("GET", "settings/webhooks/log").json()["response"][0]
    hook = portal.call("GET", "settings/webhook").json()["response"][0]["configs"]
    mood(portal, timezone="+05:30")
    assert utc.endswith("0Z")
    local = portal.file(file_id)["created"]
    assert local.endswith("+05:30")
    assert local[-14:-6] == utc[-9:-1]  # the same fraction of a second
    shifted = portal.call("GET", "settings/webhooks/log").json()["response"][0]
    assert _hours(row["creationTime"], shifted["creationTime"]) == -5.5
    moved = portal.call("GET", "settings/webhook").json()["response"][0]["configs"]
    assert moved["createdOn"].endswith("+00:00")
    assert _hours(hook["createdOn"], moved["createdOn"]) == 5.5
    assert receiver.bodies()[0]["payload"]["createOn"].endswith("Z")
    assert portal.call("GET", "settings").json()["response"]["utcOffset"] == "05:30:00"


def _hours(before, after):
    return (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds() / 3600


def test_only_the_service_users_language_is_german(portal):
    mood(portal, language="de")
    told = [
        portal.call("GET", "files/file/1", key=key).json()["error"] for key in ("sk-simulator", seed.CLIENT_KEY)
    ]
    assert [error["message"] for error in told] == [
        "Die angefragte Datei wurde nicht gefunden", "The required file was not found",
    ]  # fmt: skip
    assert len({error["type"] for error in told}) == 1


def test_a_full_room_takes_the_put_and_ends_with_an_error(portal):
    file_id = portal.upload(data=b"x" * 2000)
    portal.own("PUT", f"simulator/rooms/{seed.ACCOUNTING_ROOM}", json={"quota": 1000})
    done = portal.finished(portal.move(file_id))
    assert (done["error"], done["processed"], "files" in done) == (
        "Room space quota exceeded (1,000 bytes).",
        "0",
        False,
    )
    assert portal.file(file_id)["folderId"] == seed.CLIENT_ROOM
    portal.own("PUT", f"simulator/rooms/{seed.ACCOUNTING_ROOM}", json={"quota": None})
    assert portal.finished(portal.move(file_id))["error"] == ""
