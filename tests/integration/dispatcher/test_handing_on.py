"""A real dispatcher hands events of a real broker on to real receivers, well and badly behaved."""

import itertools
import time
from collections import Counter
from collections.abc import Callable

import pytest

from shared.runtime.settle import EXCHANGE
from shared.wire.events import HookDelivered, HookSkipped, decode
from tests.integration.dispatcher.desk import Desk
from tests.support.receiver import Receiver, Reply, Request
from tests.support.runtime import must_take, plain_channel, waiting_in
from tests.support.waiting import wait_until

MANY = 40


def test_each_event_arrives_once_and_is_verified_by_the_receivers_library(desk: Desk, receiver: Receiver) -> None:
    secret = desk.secret("erp")
    desk.start(desk.table("erp", receiver))
    sent = [desk.file(number) for number in range(MANY)]
    wait_until(lambda: len(receiver.requests) >= MANY, 30, "all to arrive")
    assert sorted(receiver.ids) == sorted(sent)
    told = [request.verified(secret) for request in receiver.requests]
    assert {each["data"]["title"] for each in told} == {f"Invoice {number}.pdf" for number in range(MANY)}
    assert {each["type"] for each in told} == {"invoice.filed"}


def test_an_event_published_twice_is_delivered_once(desk: Desk, receiver: Receiver) -> None:
    desk.start(desk.table("erp", receiver), WORKER_CONCURRENCY="1")
    for _ in range(3):
        desk.file(1)
    wait_until(lambda: len(desk.settled()) == 3, 30, "each to be settled")
    assert len(receiver.requests) == 1
    assert Counter(desk.settled()) == {("forward", None): 3}


def test_an_endpoint_that_hangs_slows_no_other(desk: Desk, receiver: Receiver, other: Receiver) -> None:
    other.answer = other.hang
    desk.start(desk.table("slow", other), desk.table("erp", receiver))
    began = time.monotonic()
    for number in range(MANY):
        desk.file(number)
    wait_until(lambda: len(set(receiver.ids)) == MANY, 12, "all to arrive at the other")
    assert time.monotonic() - began < 12  # one answer alone is waited for for 15 s
    assert other.requests


def turns(*answers: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """Of each event's requests the first gets the first answer, and so on; then 200."""
    seen: Counter[str] = Counter()

    def answer(request: Request) -> Reply:
        seen[request.id] += 1
        number = seen[request.id] - 1
        return answers[number](request) if number < len(answers) else Reply()

    return answer


def test_an_endpoint_that_fails_in_every_way_gets_all_in_the_end(desk: Desk, receiver: Receiver) -> None:
    secret = desk.secret("erp")
    receiver.answer = turns(
        lambda _: Reply(500, body=b"a stack trace"),
        lambda _: Reply(301, {"Location": receiver.url}),
        lambda _: Reply(raw=lambda connection: connection.shutdown(2)),
        lambda _: Reply(404),
    )
    desk.start(desk.table("erp", receiver))
    sent = [desk.file(number) for number in range(3)]  # too few to stop the lane
    wait_until(lambda: desk.settled().count(("forward", None)) == 3, 60, "all to be accepted")
    assert Counter(receiver.ids) == dict.fromkeys(sent, 5)
    for request in receiver.requests:
        request.verified(secret)
    kept = [attempt for attempt in desk.attempts("erp") if attempt.webhook_id == sent[0]]
    assert [attempt.status for attempt in reversed(kept)] == [500, 301, None, 404, 200]
    assert kept[-1].answer == "a stack trace"
    assert desk.standing("erp").failing_since is None


def test_an_endpoint_that_is_down_is_tried_seldom_and_gets_all_once_it_is_up(
    desk: Desk, receiver: Receiver
) -> None:
    receiver.answer = lambda _: Reply(503)
    desk.start(desk.table("erp", receiver), WORKER_CONCURRENCY="2")
    sent = [desk.file(number) for number in range(MANY)]
    wait_until(lambda: "503" in desk.worker.get("/readyz").text, 20, "the breaker to open")
    asked = len(receiver.requests)
    assert asked < MANY
    assert desk.worker.ready()  # the worker itself is well
    receiver.answer = lambda _: Reply()
    wait_until(lambda: desk.settled().count(("forward", None)) == MANY, 60, "all to be accepted")
    assert {request.id for request in receiver.requests} == set(sent)


def test_an_endpoint_that_asks_for_a_pause_gets_it(desk: Desk, receiver: Receiver) -> None:
    first = turns(lambda _: Reply(429, {"Retry-After": "6"}))
    receiver.answer = first
    desk.start(desk.table("erp", receiver), WORKER_CONCURRENCY="1")
    desk.file(1)
    wait_until(lambda: receiver.requests, 20, "the first request")
    receiver.answer = lambda _: Reply()
    for number in range(2, 5):
        desk.file(number)
    wait_until(lambda: len(set(receiver.ids)) == 4, 30, "all to arrive")
    at = [request.at for request in receiver.requests]
    assert at[1] - at[0] >= 5.9


def test_410_disables_an_endpoint_and_what_it_misses_is_counted(desk: Desk, receiver: Receiver) -> None:
    receiver.answer = lambda _: Reply(410)
    desk.start(desk.table("erp", receiver), WORKER_CONCURRENCY="1")
    desk.file(1)
    wait_until(lambda: desk.standing("erp").disabled, 20, "it to be disabled")
    wait_until(lambda: "disabled" in desk.worker.get("/readyz").text, 20, "the dispatcher to have seen it")
    receiver.answer = lambda _: Reply()
    desk.file(2)
    wait_until(lambda: len(desk.settled()) == 2, 20, "both to be settled")
    standing = desk.standing("erp")
    assert standing.disabled_why == "it answered 410 Gone: it wants no more"
    assert (standing.missed, standing.missed_since) == (2, 1_790_000_001)
    assert len(receiver.requests) == 1
    assert desk.settled() == 2 * [("skip", "hook-disabled")]


def test_an_endpoint_that_fails_for_the_whole_age_is_disabled(desk: Desk, receiver: Receiver) -> None:
    receiver.answer = lambda _: Reply(404)
    desk.start(desk.table("erp", receiver), RETRY_MAX_AGE_S="2")
    desk.file(1)
    wait_until(lambda: desk.standing("erp").disabled, 30, "it to be disabled")
    wait_until(lambda: desk.standing("erp").missed == 1, 10, "the event to be missed")
    assert desk.standing("erp").disabled_why == "every attempt failed for 0.0 hours"


def test_one_event_that_is_refused_for_the_whole_age_is_missed_alone(desk: Desk, receiver: Receiver) -> None:
    receiver.answer = lambda request: Reply(400 if request.event["data"]["file_id"] == 1 else 200)
    desk.start(desk.table("erp", receiver), RETRY_MAX_AGE_S="2")
    desk.file(1)
    numbers = itertools.count(2)

    def given_up() -> bool:
        desk.file(next(numbers))  # it takes all others, so it is not failing
        return ("skip", "hook-gave-up") in desk.settled()

    wait_until(given_up, 30, "the event to be given up", every_s=0.2)
    standing = desk.standing("erp")
    assert (standing.disabled, standing.missed, standing.missed_since) == (False, 1, 1_790_000_001)


def test_an_endpoint_gets_what_it_asks_for_and_nothing_else(
    desk: Desk, receiver: Receiver, other: Receiver
) -> None:
    desk.start(
        desk.table("rooms", receiver, ("invoice.filed", "event.skipped"), "rooms = [7]"),
        desk.table("rule", other, ("invoice.filed", "event.skipped"), 'rules = ["acme"]'),
    )
    wanted = {
        "rooms": {desk.file(1, room=7), desk.skip(2, room=7), desk.file(4, rule="another", room=7)},
        "rule": {desk.file(3, room=8)},
    }
    wanted["rule"].add(desk.file(1, room=7))
    desk.skip(5, room=9)
    wait_until(lambda: len(desk.settled()) == 12, 20, "all to be settled by both")
    assert (set(receiver.ids), set(other.ids)) == (wanted["rooms"], wanted["rule"])


def test_what_was_delivered_and_what_was_not_is_published(
    desk: Desk, receiver: Receiver, any_vhost_url: str
) -> None:
    with plain_channel(any_vhost_url) as channel:
        channel.queue_declare("heard", durable=True)
        channel.queue_bind("heard", EXCHANGE, "hook.*")
    desk.start(desk.table("erp", receiver, more="rooms = [7]"))
    sent = desk.file(1, room=7)
    wait_until(lambda: waiting_in(any_vhost_url, "heard") == 1, 20, "the first")
    delivered, _ = must_take(any_vhost_url, "heard")
    expected = HookDelivered(endpoint="erp", event="invoice.filed", webhook_id=sent, status=200)
    assert decode(delivered.body, HookDelivered) == expected
    desk.file(2, room=8)
    wait_until(lambda: waiting_in(any_vhost_url, "heard") == 1, 20, "the second")
    skipped = decode(must_take(any_vhost_url, "heard")[0].body, HookSkipped)
    assert (skipped.code, skipped.reason) == ("not-wanted", "it asks for other rooms than 8")


def test_a_secret_that_is_replaced_is_used_without_a_restart(desk: Desk, receiver: Receiver) -> None:
    old = desk.secret("erp")
    desk.start(desk.table("erp", receiver))
    new = desk.secret("erp", old)
    desk.file(1)
    wait_until(lambda: receiver.requests, 20, "the request")
    receiver.requests[0].verified(old)
    receiver.requests[0].verified(new)


def test_what_is_no_event_becomes_a_dead_letter_of_the_endpoint(
    desk: Desk, receiver: Receiver, any_vhost_url: str
) -> None:
    desk.start(desk.table("erp", receiver))
    with plain_channel(any_vhost_url) as channel:
        channel.basic_publish(EXCHANGE, "invoice.filed", b"not json")
    wait_until(lambda: waiting_in(any_vhost_url, "dispatcher.erp.dead") == 1, 20, "the dead letter")
    desk.file(1)
    wait_until(lambda: receiver.requests, 20, "what comes after it")


@pytest.mark.parametrize("content", ["", "whsec_short"])
def test_a_secret_that_cannot_be_used_is_told_and_mended_without_a_restart(
    desk: Desk, receiver: Receiver, content: str
) -> None:
    table = desk.table("erp", receiver)
    (desk.folder / "erp.secret").write_text(content)
    desk.start(table)
    desk.file(1)
    wait_until(lambda: desk.attempts("erp"), 20, "the attempt")
    assert "secret_file" in desk.attempts("erp")[0].answer
    secret = desk.secret("erp")
    wait_until(lambda: receiver.requests, 20, "the request")
    receiver.requests[0].verified(secret)
