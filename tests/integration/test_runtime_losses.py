"""The shared runtime when what it works with goes away: a queue, the broker, or the worker itself."""

import contextlib
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pika
import pytest

from shared.amqp.confirms import UnavailableError
from shared.text.codes import Code
from shared.wire.events import InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import Forward, Outcome, Skip
from tests.support.brokers import Broker
from tests.support.runtime import event, plain_channel, running_consumer, running_publisher, take_one, waiting_in
from tests.support.waiting import wait_until

INVOICE = InvoiceDetected(file_id=1, title="Invoice", rule="default", destination=2, recipients=("a@example.com",))


def test_a_queue_deleted_under_the_consumer_is_made_again_and_served(vhost_url: str) -> None:
    seen: list[str] = []

    def note(message: Message) -> Outcome:
        seen.append(message.message_id)
        return Skip("done", Code.NO_RULE)

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


def test_after_the_broker_was_killed_both_sides_return_and_no_confirm_is_lost(
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
        return Skip("done", Code.NO_RULE)

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
from shared.runtime.ladder import Ladder
from shared.runtime.metrics import Metrics
from shared.wire.outcome import Skip
from shared.runtime.settle import Settler
from shared.text.codes import Code
from shared.threads import vital

settler = Settler("classifier", Ladder((1, 2), 60), app_id="t")

def handle(message):
    time.sleep(0.02)
    if message.body == b'{"number": 0}':
        os._exit(9)
    os.write(1, message.body + b"\\n")  # one write: lines of several threads do not mix
    return settler.settle(message, Skip("done", Code.NO_RULE), time.time())

consumer = Consumer(
    urls=[sys.argv[1]], wanted=topology((1, 2)), queue="classifier", name="t", handle=handle,
    bury=None, wait_longer=settler.wait_longer, concurrency=4, prefetch=4, metrics=Metrics(),
)
consumer.start()
while not vital.died.is_set():
    time.sleep(0.1)
"""


def test_a_message_that_kills_its_worker_dies_alone(any_vhost_url: str, tmp_path: Path) -> None:
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
                    lambda run=run: run.poll() is not None or len(handled()) == healthy,
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
