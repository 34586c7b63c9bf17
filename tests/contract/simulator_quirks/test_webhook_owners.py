"""Whose webhooks there are, who sees and changes them, and what they may be called and ask for."""

import pytest

from simulator.portal import seed
from tests.contract.simulator_quirks.portal import until
from tests.contract.simulator_quirks.receiver import SECRET

OWNER, CLIENT = seed.OWNER_KEY, seed.CLIENT_KEY


def body(receiver, **changed):
    return {
        "name": "n",
        "uri": receiver.url + "/n",
        "secretKey": SECRET,
        "enabled": True,
        "triggers": 256,
    } | changed


def make(portal, receiver, key=None, **changed):
    return portal.call("POST", "settings/webhook", key=key, json=body(receiver, **changed))


def made(portal, receiver, key=None, **changed):
    answer = make(portal, receiver, key, **changed)
    assert answer.ok, answer.text
    return answer.json()["response"]


def listed(portal, key=None):
    return {
        row["configs"]["name"]: row for row in portal.call("GET", "settings/webhook", key=key).json()["response"]
    }


def refused(answer):
    return answer.status_code, answer.json()["error"]["message"]


def test_everybody_sees_their_own_and_an_administrator_all(portal, receiver):
    theirs = made(portal, receiver, CLIENT, name="theirs", triggers=0)
    assert set(listed(portal)) == {"invoice-intake"}
    assert set(listed(portal, CLIENT)) == {"theirs"}
    assert set(listed(portal, OWNER)) == {"invoice-intake", "theirs"}
    changed = body(receiver, id=theirs["id"])
    for method, path in (("PUT", ""), ("PUT", "/enable"), ("DELETE", f"/{theirs['id']}")):
        assert refused(portal.call(method, f"settings/webhook{path}", json=changed)) == (403, "Access denied")
    assert portal.call("DELETE", f"settings/webhook/{theirs['id']}", key=OWNER).ok


def test_the_list_is_in_no_order(portal, receiver):
    for number in range(5):
        made(portal, receiver, name=f"n{number}")
    ids = [row["configs"]["id"] for row in portal.call("GET", "settings/webhook").json()["response"]]
    assert ids != sorted(ids)


def test_some_triggers_are_not_for_who_makes_no_rooms(portal, receiver):
    shown = portal.call("GET", "settings/webhook/triggers", key=CLIENT).json()["response"]
    assert {row["name"] for row in shown if not row["available"]} == {
        "user.created", "user.invited", "group.created", "group.updated", "group.deleted", "room.created",
        "room.copied", "agent.created",
    }  # fmt: skip
    bits = {row["name"]: row["id"] for row in shown}
    assert (bits["*"], bits["file.downloaded"], bits["folder.downloaded"]) == (0, 2**34, 2**35)
    assert refused(make(portal, receiver, CLIENT, triggers=1)) == (400, "Trigger is not available")


def test_same_name_and_same_address_are_refused_together_alone_and_not_by_a_change(portal, receiver):
    first = made(portal, receiver)
    again = refused(make(portal, receiver))
    assert again == (400, "Webhook with the same name and payload URL already exists")
    made(portal, receiver, name="other")
    second = made(portal, receiver, uri=receiver.url + "/other")
    changed = body(receiver, id=second["id"])
    assert portal.call("PUT", "settings/webhook", json=changed).json()["response"]["uri"] == first["uri"]


@pytest.mark.parametrize(
    "changed", [{"triggers": -1}, {"triggers": 2**40}, {"uri": "?q#f"}, {"uri": "/" + "x" * 2100}]
)
def test_odd_triggers_and_addresses_are_kept_as_they_are_given(portal, receiver, changed):
    asked = changed | {"uri": receiver.url + changed.get("uri", "")}
    kept = made(portal, receiver, **asked)
    assert {name: kept[name] for name in asked} == asked


def test_a_scheme_in_capitals_is_kept_and_http_for_all_that(portal, receiver):
    asked = body(receiver, uri=receiver.url.replace("http:", "HTTP:"))
    assert made(portal, receiver, uri=asked["uri"])["uri"] == asked["uri"]
    assert refused(make(portal, receiver, **asked | {"ssl": True, "name": "b"})) == (400, "HTTPS is required")


def test_a_host_without_an_address_is_refused(portal, receiver):
    answer = make(portal, receiver, uri="https://nowhere.invalid/hook")
    assert refused(answer) == (400, "DNS resolution failed for nowhere.invalid")


def test_an_enable_wants_name_and_address_and_takes_nothing_of_them(portal, receiver):
    hook = portal.state()["webhooks"][0]
    off = {"id": hook["id"], "enabled": False}
    answer = portal.call("PUT", "settings/webhook/enable", json=off | {"name": "x"})
    assert answer.status_code == 400
    assert answer.json()["response"]["errors"] == {"Uri": ["The Uri field is required."]}
    kept = portal.call("PUT", "settings/webhook/enable", json=off | {"name": "x", "uri": "y", "ssl": True})
    told = kept.json()["response"]
    assert (told["name"], told["uri"], told["ssl"], told["enabled"]) == (hook["name"], hook["uri"], False, False)


def test_a_webhook_outlives_its_owner_and_only_an_administrator_is_left_to_delete_it(portal, receiver):
    theirs = made(portal, receiver, CLIENT, name="theirs", triggers=0)["id"]
    changed = body(receiver, id=theirs, name="theirs", triggers=0, ssl=False)
    assert portal.call("PUT", "settings/webhook", key=CLIENT, json=changed).ok
    portal.own("DELETE", "simulator/users/client")
    portal.own("POST", "simulator/upload", params={"name": "a.pdf", "as": "guest"}, data=b"x")
    until(lambda: [found for found in receiver.bodies() if found["webhook"]["name"] == "theirs"])
    owner = listed(portal, OWNER)["theirs"]["configs"]["createdBy"]
    assert owner["displayName"] == "profile removed"
    assert portal.call("DELETE", f"settings/webhook/{theirs}", key=OWNER).ok


def test_the_logs_user_is_a_webhooks_owner_whom_only_an_administrator_chooses(portal, receiver):
    asked = {"owner": "client", "name": "theirs", "uri": receiver.url, "secret": SECRET}
    portal.own("POST", "simulator/webhooks", json=asked)
    portal.upload()

    def log(key, **query):
        return portal.call("GET", "settings/webhooks/log", key=key, params=query).json()

    names = {key: {row["configName"] for row in log(key)["response"]} for key in (OWNER, CLIENT)}
    assert names == {OWNER: {"invoice-intake", "theirs"}, CLIENT: {"theirs"}}
    assert {row["configName"] for row in log(OWNER, userId=seed.CLIENT.id)["response"]} == {"theirs"}
    assert {row["configName"] for row in log(CLIENT, userId=seed.SERVICE.id)["response"]} == {"theirs"}
    row = log(OWNER, userId=seed.SERVICE.id)["response"][0]["id"]
    assert refused(portal.call("PUT", f"settings/webhook/{row}/retry", key=CLIENT)) == (403, "Access denied")
    many = portal.call("PUT", "settings/webhook/retry", key=CLIENT, json={"ids": [row, 1]})
    assert many.json()["response"] == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"trigger": "256"}, 1),
        ({"trigger": "FileUploaded"}, 1),
        ({"trigger": "FileCreated"}, 0),
        ({"trigger": "file.uploaded"}, None),
        ({"groupStatus": "Status2xx"}, 1),
        ({"groupStatus": "18"}, 1),
        ({"groupStatus": "1"}, 0),
        ({"groupStatus": "0"}, 1),
        ({"deliveryFrom": "2020-01-01T00:00:00"}, 1),
        ({"deliveryTo": "2020-01-01T00:00:00Z"}, 0),
        ({"startIndex": "5"}, 0),
        ({"count": "0"}, None),
        ({"count": "101"}, None),
    ],
)
def test_what_the_log_is_asked_for(portal, query, found):
    """None: it is refused in the envelope of a success."""
    portal.upload()
    until(lambda: portal.call("GET", "settings/webhooks/log").json()["response"][0]["status"] == 200)
    answer = portal.call("GET", "settings/webhooks/log", params=query)
    if found is None:
        assert answer.status_code == 400
        assert answer.json()["response"]["errors"]
    else:
        assert (answer.status_code, answer.json()["count"], len(answer.json()["response"])) == (200, 1, found)


def test_a_target_gets_what_is_about_itself_alone_and_is_named_by_a_number(portal, receiver):
    asked = {"owner": "owner", "name": "aimed", "uri": receiver.url, "secret": SECRET}
    portal.own("POST", "simulator/webhooks", json=asked | {"target_id": str(seed.CLIENT_ROOM)})
    portal.upload()
    asked = {"title": "New"}
    assert portal.call("PUT", f"files/rooms/{seed.CLIENT_ROOM}", key=OWNER, json=asked).ok
    (told,) = until(lambda: [found for found in receiver.bodies() if found["webhook"]["name"] == "aimed"])
    assert told["event"]["trigger"] == "room.updated"
    assert told["webhook"]["target"] == {"id": seed.CLIENT_ROOM, "type": "room"}


def test_a_persons_event_is_told_to_those_who_may_make_rooms(portal, receiver):
    for owner in ("service", "client"):
        asked = {"owner": owner, "name": owner, "uri": receiver.url, "secret": SECRET}
        portal.own("POST", "simulator/webhooks", json=asked)
    portal.own("POST", "simulator/users/client")
    told = until(receiver.bodies)
    assert [(found["webhook"]["name"], found["payload"]["email"]) for found in told] == [
        ("service", seed.CLIENT.email)
    ]
