"""The shared runtime on a real RabbitMQ, of each kind this machine has."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from shared.amqp.confirms import UnroutableError
from shared.errors import PermanentError, TransientError
from shared.text.codes import Code
from shared.wire.events import InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Outcome, Retry, Skip
from tests.support.runtime import (
    event,
    running_consumer,
    running_publisher,
    take_one,
    waiting_in,
)
from tests.support.waiting import wait_until

INVOICE = InvoiceDetected(file_id=1, title="Invoice", rule="default", destination=2, recipients=("a@example.com",))


def test_forward_reaches_the_next_queue_with_the_correlation_id_and_one_message_id(vhost_url: str) -> None:
    with (
        running_consumer(vhost_url, "classifier", lambda _: Forward(INVOICE)),
        running_publisher(vhost_url) as publisher,
    ):
        publisher.publish(event(1), timeout_s=5)
        publisher.publish(event(1), timeout_s=5)
        wait_until(lambda: waiting_in(vhost_url, "mover") == 2, timeout_s=10, what="both forwards")
    first, second = take_one(vhost_url, "mover"), take_one(vhost_url, "mover")
    assert first is not None
    assert second is not None
    assert first[0].correlation_id == event(1).message.correlation_id
    assert first[0].message_id == second[0].message_id
    assert first[0].type == "invoice.detected"
    assert first[0].traceparent.split("-")[1] == event(1).message.correlation_id.replace("-", "")
    assert waiting_in(vhost_url, "classifier") == 0


def test_an_override_comes_through_retries_and_forwards_and_makes_another_fact(vhost_url: str) -> None:
    def twice(message: Message) -> Outcome:
        return Retry("not yet", Code.AT_WORK) if message.attempt == 1 else Forward(INVOICE)

    plain = event(1)
    overridden = replace(plain, message=replace(plain.message, override="o-1"))
    with running_consumer(vhost_url, "classifier", twice), running_publisher(vhost_url) as publisher:
        publisher.publish(plain, timeout_s=5)
        publisher.publish(overridden, timeout_s=5)
        publisher.publish(overridden, timeout_s=5)
        wait_until(lambda: waiting_in(vhost_url, "mover") == 3, timeout_s=20, what="the forwards")
    facts = [found[0] for _ in range(3) if (found := take_one(vhost_url, "mover"))]
    assert Counter(fact.override for fact in facts) == {"": 1, "o-1": 2}
    assert len({fact.message_id for fact in facts}) == 2


def test_skip_is_published_although_nobody_listens(vhost_url: str) -> None:
    seen: list[int] = []

    def skip(message: Message) -> Outcome:
        seen.append(1)
        return Skip("not an invoice", Code.NO_RULE)

    with running_consumer(vhost_url, "classifier", skip), running_publisher(vhost_url) as publisher:
        publisher.publish(event(1), timeout_s=5)
        wait_until(lambda: seen, timeout_s=5, what="the message")
    assert waiting_in(vhost_url, "classifier") == 0


def test_a_retry_returns_to_its_queue_after_its_wait_with_the_attempt_counted(vhost_url: str) -> None:
    seen: list[tuple[int, float]] = []

    def twice(message: Message) -> Outcome:
        seen.append((message.attempt, time.monotonic()))
        return Skip("done", Code.NO_RULE) if message.attempt == 3 else Retry("not yet", Code.AT_WORK)

    with running_consumer(vhost_url, "mover", twice), running_publisher(vhost_url) as publisher:
        publisher.publish(event(1, "invoice.detected"), timeout_s=5)
        wait_until(lambda: len(seen) == 3, timeout_s=15, what="three attempts")
    assert [attempt for attempt, _ in seen] == [1, 2, 3]
    assert seen[1][1] - seen[0][1] >= 1.0
    assert seen[2][1] - seen[1][1] >= 2.0


def test_a_floor_under_the_retry_is_kept_although_no_queue_waits_so_long(vhost_url: str) -> None:
    seen: list[tuple[int, float]] = []

    def once(message: Message) -> Outcome:
        seen.append((message.attempt, time.monotonic()))
        return (
            Skip("done", Code.NO_RULE) if message.attempt == 2 else Retry("busy", Code.RATE_LIMIT, not_before_s=4.5)
        )

    with running_consumer(vhost_url, "mover", once), running_publisher(vhost_url) as publisher:
        publisher.publish(event(1, "invoice.detected"), timeout_s=5)
        wait_until(lambda: len(seen) == 2, timeout_s=15, what="the second attempt")
    assert [attempt for attempt, _ in seen] == [1, 2]
    assert 4.5 <= seen[1][1] - seen[0][1] < 7.5


@pytest.mark.parametrize(
    ("raised", "reason"),
    [(PermanentError("no right to move it"), "no right to move it"), (None, "never an invoice")],
)
def test_dead_waits_in_the_stages_dead_queue_with_reason_stage_and_attempts(
    vhost_url: str, raised: Exception | None, reason: str
) -> None:
    def refuse(_message: Message) -> Outcome:
        if raised is not None:
            raise raised
        return Dead("never an invoice", Code.UNREADABLE)

    with running_consumer(vhost_url, "notifier", refuse), running_publisher(vhost_url) as publisher:
        publisher.publish(event(7, "invoice.filed"), timeout_s=5)
        wait_until(lambda: waiting_in(vhost_url, "notifier.dead") == 1, timeout_s=10, what="the dead letter")
    letter = take_one(vhost_url, "notifier.dead")
    assert letter is not None
    message, headers = letter
    assert message.body == event(7).message.body
    assert (headers["reason"], headers["stage"], headers["attempts"]) == (reason, "notifier", 1)


@pytest.mark.parametrize("error", [TransientError("portal down"), RuntimeError("a bug")])
def test_past_its_age_a_message_that_still_fails_is_dead_and_says_why(vhost_url: str, error: Exception) -> None:
    def fail(_message: Message) -> Outcome:
        raise error

    with (
        running_consumer(vhost_url, "mover", fail, max_age_s=0.5),
        running_publisher(vhost_url) as publisher,
    ):
        publisher.publish(event(1, "invoice.detected"), timeout_s=5)
        wait_until(lambda: waiting_in(vhost_url, "mover.dead") == 1, timeout_s=10, what="the dead letter")
    letter = take_one(vhost_url, "mover.dead")
    assert letter is not None
    assert str(error) in str(letter[1]["error"])
    assert letter[1]["attempts"] == 2


def test_what_no_queue_takes_is_an_error_and_not_a_confirm(vhost_url: str) -> None:
    with running_publisher(vhost_url) as publisher, pytest.raises(UnroutableError):
        publisher.publish(event(1, "nobody.listens"), timeout_s=5)


def test_many_threads_share_one_channel_and_each_gets_its_own_answer(vhost_url: str) -> None:
    with running_publisher(vhost_url) as publisher, ThreadPoolExecutor(32) as pool:
        started = time.monotonic()
        list(pool.map(lambda n: publisher.publish(event(n), timeout_s=10), range(500)))
        assert time.monotonic() - started < 10
    assert waiting_in(vhost_url, "classifier") == 500


def test_slow_messages_do_not_hold_up_the_acks_of_quick_ones(vhost_url: str) -> None:
    release = threading.Event()
    quick = Counter[str]()

    def handle(message: Message) -> Outcome:
        if message.body == event(0).message.body:
            release.wait(20)
        else:
            quick["done"] += 1
        return Skip("done", Code.NO_RULE)

    with (
        running_consumer(vhost_url, "classifier", handle, concurrency=2),
        running_publisher(vhost_url) as publisher,
    ):
        for number in range(20):
            publisher.publish(event(number), timeout_s=5)
        wait_until(lambda: quick["done"] == 19, timeout_s=10, what="the quick ones")
        release.set()
    assert waiting_in(vhost_url, "classifier") == 0


def test_drain_finishes_what_is_in_hand_and_leaves_the_rest_to_others(vhost_url: str) -> None:
    started = threading.Event()

    def slow(_message: Message) -> Outcome:
        started.set()
        time.sleep(1)  # stands for a handler's work
        return Forward(INVOICE)

    with (
        running_publisher(vhost_url) as publisher,
        running_consumer(vhost_url, "classifier", slow, concurrency=1) as consumer,
    ):
        for number in range(3):
            publisher.publish(event(number), timeout_s=5)
        assert started.wait(10)
        began = time.monotonic()
        assert consumer.drain(8)
        assert time.monotonic() - began < 5
    wait_until(
        lambda: waiting_in(vhost_url, "mover") + waiting_in(vhost_url, "classifier") == 3,
        timeout_s=5,
        what="all three",
    )
    assert waiting_in(vhost_url, "mover") >= 1
