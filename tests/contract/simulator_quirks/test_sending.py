"""How the portal sends: ten at a time, its log written at the end of a delivery, and what a restart forgets."""

import json
import random
import ssl

import pytest
import trustme

from simulator.outgoing.sender import in_some_order
from simulator.portal import seed
from tests.contract.simulator_quirks.portal import until
from tests.contract.simulator_quirks.receiver import SECRET, Receiver


def rows(portal, key=seed.OWNER_KEY, **query):
    return portal.call("GET", "settings/webhooks/log", key=key, params=query).json()["response"]


def posts(receiver, name):
    return [found for found in receiver.bodies() if found["webhook"]["name"] == name]


def anybodys(portal, receiver, path="/slow", **more):
    asked = {"owner": "owner", "name": "other", "uri": receiver.url + path, "secret": SECRET}
    return portal.own("POST", "simulator/webhooks", json=asked | more)["id"]


def test_anybodys_slow_webhook_holds_up_everybodys_ten_by_ten(portal, receiver):
    anybodys(portal, receiver, triggers=256)
    receiver.held = "/slow"
    receiver.hold.clear()
    portal.upload(name="first.pdf")
    until(lambda: posts(receiver, "other"))  # in the first batch; the rest waits for its end
    for number in range(12):
        portal.upload(name=f"{number}.pdf")
    assert portal.state()["counts"]["webhooks_waiting"] >= 24
    assert len(posts(receiver, "invoice-intake")) <= 1
    receiver.hold.set()
    until(lambda: len(posts(receiver, "invoice-intake")) == 13)


def test_a_failing_webhook_that_is_deleted_ends_what_it_holds_up(portal, receiver):
    failing = anybodys(portal, receiver, path="/x", triggers=256)
    receiver.held = "/x"
    receiver.hold.clear()
    for number in range(12):
        portal.upload(name=f"{number}.pdf")
    assert portal.call("DELETE", f"settings/webhook/{failing}", key=seed.OWNER_KEY).ok
    receiver.hold.set()
    until(lambda: len(posts(receiver, "invoice-intake")) == 12)


def test_nothing_is_written_down_before_the_end_of_a_delivery(portal, receiver):
    receiver.answers = [500] * 3 + [200]
    receiver.hold.clear()
    portal.upload()
    until(lambda: receiver.posts)
    (waiting,) = rows(portal)
    assert {"requestHeaders", "responsePayload", "delivery"}.isdisjoint(waiting)
    assert (waiting["status"], "id" in json.loads(waiting["requestPayload"])["event"]) == (0, False)
    receiver.hold.set()
    (done,) = until(lambda: (found := rows(portal)) and found[0]["status"] == 200 and found)
    assert json.loads(done["requestPayload"])["webhook"]["retryCount"] == 3
    hook = portal.call("GET", "settings/webhook").json()["response"][0]
    assert "lastFailureOn" not in hook["configs"]  # a delivery that ended well leaves no trace of its attempts


@pytest.mark.parametrize(("answers", "attempts"), [([500, 503, 200], 3), ([429, 204], 2), ([301, 200], 2)])
def test_what_is_no_2xx_is_tried_again_and_a_redirect_is_not_followed(portal, receiver, answers, attempts):
    receiver.answers = answers
    portal.upload()
    until(lambda: rows(portal)[0]["status"] // 100 == 2)
    assert len(receiver.posts) == attempts


def test_a_retry_tells_when_the_attempts_before_it_were_made(portal, receiver):
    receiver.answers = [200]
    portal.upload(name="first.pdf")
    until(lambda: rows(portal)[0]["status"] == 200)
    receiver.answers = [500, 500, 200]
    portal.upload(name="second.pdf")
    second, third = (body["webhook"] for body in until(lambda: len(receiver.posts) == 4 and receiver.bodies()[2:]))
    assert third["lastFailureOn"] == second["retryOn"]
    assert second["lastSuccessOn"] == third["lastSuccessOn"]  # as it was before this delivery
    assert not second["lastSuccessOn"].endswith("Z")


def test_where_no_answer_ever_came_the_status_stays_0_and_the_row_tells_why(portal, receiver, simulator):
    receiver.answers = [0]
    simulator.webhooks.add(seed.SERVICE.id, "nobody", "http://127.0.0.1:1/x", SECRET, 256)
    portal.upload()
    ended = until(lambda: (found := rows(portal)) and all("requestHeaders" in row for row in found) and found)
    told = {row["configName"]: (row["status"], row["responsePayload"]) for row in ended}
    assert told == {
        "invoice-intake": (0, "An error occurred while sending the request."),
        "nobody": (0, "Connection refused (127.0.0.1:1)"),
    }
    assert len(rows(portal, groupStatus=1)) == 2


def test_a_restart_forgets_waiting_events_and_a_retry_by_hand_sends_them(portal, receiver):
    receiver.answers = [500]
    receiver.hold.clear()
    for number in range(12):
        portal.upload(name=f"{number}.pdf")
    until(lambda: receiver.posts)
    assert portal.own("POST", "simulator/restart")["forgotten"] >= 2
    receiver.answers = [200]
    receiver.hold.set()
    portal.upload(name="after.pdf")
    until(lambda: any(body["payload"]["title"] == "after.pdf" for body in receiver.bodies()))
    lost = [row for row in rows(portal) if "requestHeaders" not in row and row["status"] == 0]
    assert len(lost) == 12
    again = portal.call("PUT", f"settings/webhook/{lost[0]['id']}/retry").json()["response"]
    until(lambda: again["id"] in {body["event"].get("id") for body in receiver.bodies()})
    assert portal.call("GET", "settings/webhook").json()["response"][0]["configs"]["name"] == "invoice-intake"
    assert len(portal.state()["files"]) == 13


def test_a_retry_keeps_the_name_and_address_that_the_event_was_written_with(portal, receiver, simulator):
    receiver.answers = [404] * 6 + [200]
    portal.upload()
    row = until(lambda: [row for row in rows(portal) if row["status"] == 404])[0]
    hook = simulator.webhooks.get(json.loads(row["requestPayload"])["webhook"]["id"])
    renamed = {"id": hook.id, "name": "renamed", "uri": receiver.url + "/new", "enabled": False, "triggers": 256}
    assert portal.call("PUT", "settings/webhook", json=renamed).ok
    answer = portal.call("PUT", f"settings/webhook/{row['id']}/retry").json()["response"]
    assert json.loads(answer["requestPayload"])["event"]["id"] == row["id"]  # the old one
    last = until(lambda: len(receiver.posts) == 7 and receiver.bodies()[-1])
    assert (last["event"]["id"], last["webhook"]["name"]) == (answer["id"], "invoice-intake")
    assert "retryCount" not in last["webhook"]
    assert rows(portal, hookUri=receiver.url + "/new")[0]["configName"] == "renamed"


def test_a_connection_is_used_again_and_a_head_carries_no_more_than_its_trace(portal, receiver):
    for number in range(30):
        portal.upload(name=f"{number}.pdf")
    until(lambda: len(receiver.posts) == 30)
    assert len(receiver.callers) <= 10
    asked = {"name": "n", "uri": receiver.url.replace("//", "//user:pw@") + "/?q#f", "secretKey": SECRET}
    made = portal.call("POST", "settings/webhook", json=asked).json()["response"]
    assert made["uri"] == asked["uri"]
    assert receiver.head_headers == ["Host", "traceparent"]


def test_of_two_that_are_sent_together_the_second_comes_first_now_and_then():
    chance = random.Random(7)
    turned = sum(in_some_order([1, 2], chance) == [2, 1] for _ in range(1000))
    assert 220 <= turned <= 330
    assert sorted(in_some_order(list(range(10)), chance)) == list(range(10))


@pytest.fixture
def self_signed():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    receiver = Receiver(tls)
    yield receiver
    receiver.close()


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")  # which is what it is about
def test_an_unknown_certificate_passes_the_head_then_fails_until_ssl_is_off(portal, self_signed):
    asked = {"name": "tls", "uri": self_signed.url + "/x", "secretKey": SECRET, "triggers": 256, "enabled": True}
    refused = portal.call("POST", "settings/webhook", json=asked | {"ssl": True})
    why = "The SSL connection could not be established, see inner exception."
    assert (refused.status_code, refused.json()["error"]["message"]) == (500, why)
    made = portal.call("POST", "settings/webhook", json=asked | {"ssl": False}).json()["response"]
    assert made["ssl"] is True
    portal.upload()
    mine = until(lambda: [row for row in rows(portal, configId=made["id"]) if "requestHeaders" in row])
    assert (mine[0]["status"], mine[0]["responsePayload"]) == (0, why)
    assert portal.call("PUT", "settings/webhook", json=asked | {"id": made["id"], "ssl": False}).ok
    portal.upload(name="second.pdf")
    until(lambda: self_signed.posts)
