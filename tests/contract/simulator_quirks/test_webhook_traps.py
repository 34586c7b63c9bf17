"""What a webhook does that nobody expects: it comes out otherwise than asked, and changes of it are undone."""

import json

import pytest

from simulator.portal import seed
from tests.contract.simulator_quirks.portal import until
from tests.contract.simulator_quirks.receiver import SECRET


def body(receiver, **changed):
    return {
        "name": "ours", "uri": receiver.url + "/ours", "secretKey": SECRET, "enabled": True, "ssl": False,
        "triggers": 256, "targetId": "",
    } | changed  # fmt: skip


def hooks(portal):
    found = portal.call("GET", "settings/webhook").json()["response"]
    return {row["configs"]["name"]: row["configs"] for row in found}


def posts(receiver, name):
    return [found for found in receiver.bodies() if found["webhook"]["name"] == name]


def test_an_http_webhook_is_made_with_ssl_and_the_first_event_disables_it(portal, receiver):
    made = portal.call("POST", "settings/webhook", json=body(receiver, enabled=False)).json()["response"]
    assert (made["ssl"], made["enabled"], "modifiedOn" in made) == (True, True, False)
    portal.upload()
    until(lambda: not hooks(portal)["ours"]["enabled"])
    assert posts(receiver, "ours") == []
    again = body(receiver, id=made["id"])
    refused = portal.call("PUT", "settings/webhook/enable", json=again)
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, "HTTPS is required")
    assert portal.call("PUT", "settings/webhook", json=again | {"ssl": True}).status_code == 400
    assert portal.call("PUT", "settings/webhook", json=again).json()["response"]["ssl"] is False
    portal.upload(name="second.pdf")
    until(lambda: posts(receiver, "ours"))
    assert portal.call("PUT", "settings/webhook/enable", json=again).ok


def test_a_change_during_a_delivery_is_undone_when_it_ends(portal, receiver, simulator):
    hook = simulator.webhooks.add(seed.SERVICE.id, "ours", receiver.url + "/ours", "Old-secret", 256)
    receiver.hold.clear()
    portal.upload()
    until(lambda: posts(receiver, "ours"))
    changed = portal.call("PUT", "settings/webhook", json=body(receiver, id=hook.id, secretKey="New-secret"))
    off = portal.call("PUT", "settings/webhook/enable", json=body(receiver, id=hook.id, enabled=False))
    assert changed.ok
    assert off.json()["response"]["enabled"] is False
    assert simulator.webhooks.get(hook.id).secret == "New-secret"
    receiver.hold.set()
    until(lambda: simulator.webhooks.get(hook.id).secret == "Old-secret")
    assert hooks(portal)["ours"]["enabled"] is True  # and yet nothing is sent until somebody changes a webhook
    portal.upload(name="second.pdf")
    until(lambda: len(posts(receiver, "invoice-intake")) == 2)
    assert len(posts(receiver, "ours")) == 1
    portal.call("PUT", "settings/webhook", json=body(receiver, id=hook.id, secretKey=""))
    portal.upload(name="third.pdf")
    until(lambda: len(posts(receiver, "ours")) == 2)


def test_what_was_queued_is_sent_though_the_webhook_is_disabled_meanwhile(portal, receiver, simulator):
    hook = next(iter(simulator.webhooks.by_id.values()))
    receiver.hold.clear()
    for number in range(12):
        portal.upload(name=f"{number}.pdf")
    off = body(receiver, id=hook.id, name=hook.name, uri=hook.uri, enabled=False)
    assert portal.call("PUT", "settings/webhook/enable", json=off).ok
    receiver.hold.set()
    until(lambda: len(receiver.posts) == 12)
    assert simulator.webhooks.get(hook.id).name == hook.name


def test_an_event_comes_if_any_webhooks_owner_can_open_its_room(portal, receiver, simulator):
    simulator.webhooks.add(seed.NO_RIGHTS.id, "stranger", receiver.url + "/s", SECRET, 256)
    asked = {"title": "Closed", "roomType": 5}
    room = portal.call("POST", "files/rooms", key=seed.OWNER_KEY, json=asked).json()["response"]["id"]
    assert portal.call("GET", f"files/folder/{room}", key=seed.NO_RIGHTS_KEY).status_code == 403
    portal.upload(folder=room)
    until(lambda: posts(receiver, "stranger"))


def test_a_deleted_webhook_takes_its_log_along(portal, receiver, simulator):
    portal.upload()
    until(lambda: portal.call("GET", "settings/webhooks/log").json()["total"] == 1)
    hook = next(iter(simulator.webhooks.by_id))
    assert portal.call("DELETE", f"settings/webhook/{hook}").ok
    assert portal.call("GET", "settings/webhooks/log").json()["total"] == 0


def test_the_log_shows_with_which_secret_it_was_signed_and_no_status_before_the_end(portal, receiver):
    receiver.answers = [500] * 6
    portal.upload()

    def row():
        return portal.call("GET", "settings/webhooks/log").json()["response"][0]

    ended = until(lambda: (found := row())["status"] == 500 and found)
    headers, sent = receiver.posts[-1]
    assert ended["requestPayload"] == sent.decode()
    assert json.loads(ended["requestHeaders"])["x-docspace-signature-256"] == [headers["x-docspace-signature-256"]]
    assert "delivery" not in ended


@pytest.mark.parametrize(
    ("changed", "status", "text"),
    [
        ({"uri": "nonsense"}, 400, "Invalid URL format"),
        ({"uri": "ftp://x/"}, 400, "Invalid URL scheme: ftp. Only http and https are allowed"),
        (
            {"secretKey": "x" * 31},
            400,
            "Password must contain from 8 to 30 characters, only latin letters, no spaces",
        ),
        ({"secretKey": None}, 400, "Value cannot be null. (Parameter 'secret')"),
        ({"name": ""}, 400, None),
        ({"triggers": "x"}, 400, None),
        ({"targetId": "x" * 256}, 400, None),
    ],
)
def test_what_a_webhook_cannot_be_is_refused_in_one_of_two_shapes(portal, receiver, changed, status, text):
    answer = portal.call("POST", "settings/webhook", json=body(receiver, **changed))
    assert answer.status_code == status
    told = answer.json()
    assert told["error"]["message"] == text if text else told["response"]["errors"]
