"""The shared runtime on a real RabbitMQ, of each kind this machine has."""

import contextlib
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pika
import pytest
from msgspec.structs import replace

from shared.amqp.confirms import UnavailableError, UnroutableError
from shared.errors import PermanentError, TransientError
from shared.events import InvoiceDetected
from shared.message import Message
from shared.outcome import Dead, Forward, Outcome, Retry, Skip
from tests.support.brokers import Broker
from tests.support.runtime import (
    event,
    plain_channel,
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
        return Retry("not yet") if message.attempt == 1 else Forward(INVOICE)

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
        return Skip("not an invoice")

    with running_consumer(vhost_url, "classifier", skip), running_publisher(vhost_url) as publisher:
        publisher.publish(event(1), timeout_s=5)
        wait_until(lambda: seen, timeout_s=5, what="the message")
    assert waiting_in(vhost_url, "classifier") == 0


def test_retry_comes_back_to_its_own_queue_after_the_ladders_step_with_the_attempt_counted(vhost_url: str) -> None:
    seen: list[tuple[int, float]] = []

    def twice(message: Message) -> Outcome:
        seen.append((message.attempt, time.monotonic()))
        return Skip("done") if message.attempt == 3 else Retry("not yet")

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
        return Skip("done") if message.attempt == 2 else Retry("busy", not_before_s=4.5)

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
        return Dead("never an invoice")

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
        return Skip("done")

    with (
        running_consumer(vhost_url, "classifier", handle, concurrency=2),
        running_publisher(vhost_url) as publisher,
    ):
        for number in range(20):
            publisher.publish(event(number), timeout_s=5)
        wait_until(lambda: quick["done"] == 19, timeout_s=10, what="the quick ones")
        release.set()
    assert waiting_in(vhost_url, "classifier") == 0


def test_a_queue_deleted_under_the_consumer_is_made_again_and_served(vhost_url: str) -> None:
    seen: list[str] = []

    def note(message: Message) -> Outcome:
        seen.append(message.message_id)
        return Skip("done")

    with running_consumer(vhost_url, "classifier", note) as consumer, running_publisher(vhost_url) as publisher:
        with plain_channel(vhost_url) as channel:
            channel.queue_delete("classifier")
        wait_until(lambda: consumer.check() is not None, timeout_s=10, what="readiness to say so")
        wait_until(lambda: consumer.check() is None, timeout_s=20, what="the consumer to be back")
        publisher.publish(event(1), timeout_s=5)
        wait_until(lambda: seen, timeout_s=10, what="the message after it")


def test_a_next_queue_that_is_missing_is_made_again_and_nothing_is_lost(vhost_url: str) -> None:
    with (
        running_consumer(vhost_url, "classifier", lambda _: Forward(INVOICE)),
        running_publisher(vhost_url) as publisher,
    ):
        with plain_channel(vhost_url) as channel:
            channel.queue_delete("mover")
        publisher.publish(event(1), timeout_s=5)
        wait_until(lambda: _exists(vhost_url, "mover"), timeout_s=15, what="the queue to be declared again")
        wait_until(lambda: waiting_in(vhost_url, "mover") >= 1, timeout_s=15, what="the forward")
    assert waiting_in(vhost_url, "classifier") == 0


def _exists(url: str, queue: str) -> bool:
    try:
        waiting_in(url, queue)
    except pika.exceptions.ChannelClosedByBroker:
        return False
    return True


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


def test_consumer_and_publisher_come_back_after_the_broker_was_killed_and_nothing_confirmed_is_lost(
    broker: Broker, vhost_url: str
) -> None:
    handled = Counter[bytes]()

    def note(message: Message) -> Outcome:
        handled[message.body] += 1
        return Forward(INVOICE)

    with running_consumer(vhost_url, "classifier", note) as consumer, running_publisher(vhost_url) as publisher:
        for number in range(50):
            publisher.publish(event(number), timeout_s=5)
        time.sleep(2)  # a queue younger than this comes back empty on RabbitMQ 3.10, a fault of its own
        broker.kill()
        wait_until(lambda: consumer.check() is not None, timeout_s=30, what="readiness to say so")
        with pytest.raises(UnavailableError):
            publisher.publish(event(999), timeout_s=1)
        broker.start()
        wait_until(lambda: consumer.check() is None, timeout_s=60, what="the consumer to be back")
        wait_until(lambda: publisher.check() is None, timeout_s=60, what="the publisher to be back")
        for number in range(50, 100):
            publisher.publish(event(number), timeout_s=5)
        wait_until(lambda: len(handled) == 100, timeout_s=20, what="all hundred messages")
    assert waiting_in(vhost_url, "mover") >= 100


def test_a_broker_that_is_frozen_is_noticed_and_left_when_it_stays_so(broker: Broker, vhost_url: str) -> None:
    handled: list[bytes] = []

    def note(message: Message) -> Outcome:
        handled.append(message.body)
        return Skip("done")

    with running_consumer(vhost_url, "classifier", note) as consumer:
        broker.pause()
        try:
            wait_until(lambda: consumer.check() is not None, timeout_s=40, what="readiness to say so")
        finally:
            broker.unpause()
        wait_until(lambda: consumer.check() is None, timeout_s=60, what="the consumer to be back")
        with running_publisher(vhost_url) as publisher:
            publisher.publish(event(1), timeout_s=5)
        wait_until(lambda: handled, timeout_s=10, what="the message after it")


POISON = """
import os, sys, time
from shared.amqp.consumer import Consumer
from shared.amqp.topology import topology
from shared.ladder import Ladder
from shared.metrics import Metrics
from shared.outcome import Skip
from shared.settle import Settler

settler = Settler("classifier", Ladder((1, 2), 60), app_id="t")

def handle(message):
    time.sleep(0.02)
    if message.body == b'{"number": 0}':
        os._exit(9)
    os.write(1, message.body + b"\\n")  # one write: lines of several threads do not mix
    return settler.settle(message, Skip("done"), time.time())

consumer = Consumer(
    urls=[sys.argv[1]], wanted=topology((1, 2)), queue="classifier", name="t", handle=handle,
    wait_longer=settler.wait_longer, concurrency=4, prefetch=4, metrics=Metrics(),
)
consumer.start()
while not consumer.died.is_set():
    time.sleep(0.1)
"""


def test_a_message_that_kills_its_worker_ends_as_a_dead_letter_and_takes_no_healthy_one_along(
    any_vhost_url: str, tmp_path: Path
) -> None:
    healthy, kills = 40, 0
    output = tmp_path / "handled"

    def handled() -> set[str]:
        return {line for line in output.read_text().splitlines() if line.startswith("{")}

    with running_publisher(any_vhost_url) as publisher:
        publisher.publish_all([event(number) for number in range(healthy + 1)], timeout_s=20)
    while waiting_in(any_vhost_url, "classifier.dead") == 0 or len(handled()) < healthy:
        with (
            output.open("a") as out,
            subprocess.Popen([sys.executable, "-c", POISON, any_vhost_url], stdout=out) as run,
        ):
            try:
                wait_until(
                    lambda run=run: run.poll() is not None or len(handled()) == healthy,  # type: ignore[misc]
                    timeout_s=30,
                    what="the worker to die, or to have handled what is left",
                )
                with contextlib.suppress(subprocess.TimeoutExpired):
                    run.wait(3)  # the poison, once it is alone
            finally:
                run.kill()
        kills += 1
        assert kills < 30
    assert kills >= 20
    assert waiting_in(any_vhost_url, "classifier.dead") == 1
    letter = take_one(any_vhost_url, "classifier.dead")
    assert letter is not None
    assert letter[0].body == event(0).message.body
