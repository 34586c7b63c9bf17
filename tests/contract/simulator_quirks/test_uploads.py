"""What becomes of an upload: its title, and whether it is a version or a second file."""

import pytest
import requests

from simulator.outgoing.triggers import BITS
from simulator.portal import seed
from tests.contract.simulator_quirks.portal import until


def upload(portal, name, who="client", folder=seed.CLIENT_ROOM):
    query = {"name": name, "as": who, "kind": "simple", "folder": folder}
    return portal.own("POST", "simulator/upload", params=query, data=b"x")


def test_a_guests_upload_of_a_title_that_is_there_is_always_a_second_file(portal):
    first = upload(portal, "a.pdf", "guest")["id"]
    second = upload(portal, "a.pdf", "guest")
    assert (second["id"] != first, second["title"], second["version"]) == (True, "a.pdf", 1)
    newest = upload(portal, "a.pdf", "owner")
    assert (newest["id"], newest["version"]) == (first, 2)
    assert "/accounts/guests/" in portal.file(first)["createdBy"]["profileUrl"]
    assert "/accounts/people/" in portal.file(first)["updatedBy"]["profileUrl"]


@pytest.mark.parametrize(
    ("state", "version"), [({"locked_by": "owner"}, 1), ({"editing": True}, 1), ({"locked_by": "client"}, 2)]
)
def test_what_may_not_be_changed_gets_a_namesake(portal, state, version):
    first = upload(portal, "a.pdf")["id"]
    portal.own("PUT", f"simulator/files/{first}", json=state)
    again = upload(portal, "a.pdf")
    assert (again["id"] == first, again["version"]) == (version == 2, version)


def test_a_new_file_is_asked_for_in_the_query_alone(portal):
    def sent(query, form):
        files = {"file": ("a.pdf", b"x")}
        answer = portal.call("POST", f"files/{seed.CLIENT_ROOM}/upload", params=query, data=form, files=files)
        return answer.json()["response"][0]["title"]

    flag = {"createNewIfExist": "true"}
    assert [sent({}, {}), sent({}, flag), sent(flag, {})] == ["a.pdf", "a.pdf", "a (1).pdf"]


def test_an_insert_wants_its_title(portal):
    files = {"file": ("a.pdf", b"x")}
    answer = portal.call("POST", f"files/{seed.CLIENT_ROOM}/insert", files=files)
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        400,
        "Value cannot be null. (Parameter 'title')",
    )


def test_a_rename_keeps_the_extension_and_an_empty_one_changes_nothing(portal):
    file_id = portal.upload(name="a.pdf")

    def renamed(title):
        return portal.call("PUT", f"files/file/{file_id}", json={"title": title}).json()["response"]["title"]

    assert [renamed('say "b".docx'), renamed(""), renamed("c.PDF")] == [
        "say _b_.docx.pdf",
        "say _b_.docx.pdf",
        "c.PDF",
    ]
    long = portal.call("PUT", f"files/file/{file_id}", json={"title": "x" * 166})
    assert (long.status_code, "error" in long.json()) == (400, False)


def test_who_unlocks_one_file_unlocks_all_their_files(portal):
    ids = [portal.upload(name=name) for name in ("a.pdf", "b.pdf")]
    for file_id in ids:
        portal.call("PUT", f"files/file/{file_id}/lock", json={"lockFile": True})
    assert [portal.file(file_id).get("locked") for file_id in ids] == [True, True]
    portal.call("PUT", f"files/file/{ids[0]}/lock", json={"lockFile": False})
    assert [portal.file(file_id).get("locked") for file_id in ids] == [None, None]


def test_a_lock_fires_one_event_and_unlocking_two(portal, receiver, simulator):
    simulator.webhooks.add(
        seed.SERVICE.id, "updates", receiver.url + "/u", "Simulator-Secret-1", BITS["file.updated"]
    )
    file_id = portal.upload(name="a.pdf")
    for locked, events in ((True, 1), (False, 3)):
        portal.call("PUT", f"files/file/{file_id}/lock", json={"lockFile": locked})
        until(lambda events=events: _updates(receiver) == events)
    portal.upload(name="b.pdf")
    until(lambda: len(receiver.posts) == 5)
    assert _updates(receiver) == 3


def _updates(receiver):
    return sum(body["event"]["trigger"] == "file.updated" for body in receiver.bodies())


def test_a_body_that_is_no_json_is_refused_in_the_envelope_of_a_success(portal):
    headers = {"Authorization": "Bearer sk-simulator"}
    url = f"{portal.url}/api/2.0/files/fileops/move"
    bad = requests.put(url, headers=headers | {"Content-Type": "application/json"}, data="{", timeout=10)
    assert (bad.status_code, bad.json()["statusCode"]) == (400, 400)
    plain = requests.put(url, headers=headers | {"Content-Type": "text/plain"}, data="{}", timeout=10)
    assert (plain.status_code, plain.json()["statusCode"]) == (415, 200)
