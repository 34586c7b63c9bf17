"""The mover's breaker: the consumer's pause on a real broker, and a real mover whose portal goes away."""

import re
import threading
import time
from pathlib import Path

from shared.amqp.publisher import Publisher
from shared.text.codes import Code
from shared.wire.message import Message
from shared.wire.outcome import Outcome, Skip
from tests.support.brokers import Broker
from tests.support.mover import IN_HAND, filed, logged, queue_uploads, running_mover, set_faults
from tests.support.pipeline import Worker
from tests.support.runtime import event, plain_channel, running_consumer, running_publisher, waiting_in
from tests.support.waiting import wait_until

CYCLES = 25
"""Twice the delivery limit."""


def test_pausing_often_under_load_brings_no_message_near_its_delivery_limit(
    any_vhost_url: str,
) -> None:
    lock, seen, counted = threading.Lock(), set(), []

    def work(message: Message) -> Outcome:
        with lock:
            seen.add(message.message_id)
            counted.append(message.delivery_count)
        return Skip("seen", Code.NO_RULE)

    published: list[int] = []
    over = threading.Event()

    def keep_publishing(publisher: Publisher) -> None:
        """So that messages arrive while a cancel is under way."""
        while not over.is_set():
            batch = range(len(published), len(published) + 50)
            assert not any(publisher.publish_all([event(n, "invoice.detected") for n in batch], timeout_s=20))
            published.extend(batch)

    with running_consumer(any_vhost_url, "mover", work) as consumer, running_publisher(any_vhost_url) as publisher:
        thread = threading.Thread(target=keep_publishing, args=(publisher,))
        thread.start()
        for _ in range(CYCLES):
            before = len(seen)
            wait_until(lambda: len(seen) > before + 20, 30, "messages to flow", every_s=0.005)  # noqa: B023
            consumer.pause()
            consumer.resume()  # before the broker can have answered the cancel
            consumer.pause()
            wait_until(lambda: not consumer._inbound._consuming, 10, "the pause", every_s=0.005)
            consumer.resume()
        over.set()
        thread.join(30)
        wait_until(lambda: len(seen) == len(published), 60, "all to be handled")
        assert consumers_of(any_vhost_url) == 1
    assert max(counted) <= 2  # what a cancel crosses comes back to the head of the queue, and is handled next
    assert waiting_in(any_vhost_url, "mover.dead") == 0


def test_paused_it_takes_nothing_stays_connected_and_resumes_at_once(any_vhost_url: str) -> None:
    seen: list[str] = []

    def work(message: Message) -> Outcome:
        seen.append(message.message_id)
        return Skip("seen", Code.NO_RULE)

    with running_consumer(any_vhost_url, "mover", work) as consumer, running_publisher(any_vhost_url) as publisher:
        consumer.pause()
        wait_until(lambda: consumers_of(any_vhost_url) == 0, 10, "the cancel")
        publisher.publish(event(1, "invoice.detected"), timeout_s=5)
        for _ in range(8):  # for longer than the presence probes take to call a starved consumer lost
            time.sleep(1.5)
            assert consumer.check() is None
        assert not seen
        consumer.resume()
        wait_until(lambda: seen, 10, "the message")
        assert consumer.check() is None
    assert consumer._session == 1  # one connection all along, lost at the end


def consumers_of(url: str) -> int:
    with plain_channel(url) as channel:
        return int(channel.queue_declare("mover", passive=True).method.consumer_count)


def test_a_broker_that_restarts_meanwhile_does_not_end_the_pause(any_broker: Broker, any_vhost_url: str) -> None:
    seen: list[str] = []

    def work(message: Message) -> Outcome:
        seen.append(message.message_id)
        return Skip("seen", Code.NO_RULE)

    with running_consumer(any_vhost_url, "mover", work) as consumer:
        consumer.pause()
        wait_until(lambda: consumers_of(any_vhost_url) == 0, 10, "the cancel")
        with running_publisher(any_vhost_url) as publisher:
            publisher.publish(event(1, "invoice.detected"), timeout_s=20)
        any_broker.restart()
        wait_until(lambda: consumer.check() is None, 60, "the connection to be back")
        assert consumers_of(any_vhost_url) == 0
        assert not seen
        consumer.resume()
        wait_until(lambda: seen, 10, "the message")


def breaker_gauge(worker: Worker) -> float:
    found = re.search(r"^intake_breaker_open (\S+)$", worker.get("/metrics").text, re.MULTILINE)
    assert found is not None
    return float(found[1])


def test_a_portal_that_is_down_costs_few_attempts_and_all_are_filed_later(
    any_vhost_url: str, tmp_path: Path
) -> None:
    with running_mover(any_vhost_url, tmp_path) as (simulator, mover):
        ids = queue_uploads(simulator, any_vhost_url, 200)
        set_faults(simulator, portal_down=True)
        mover.start()
        wait_until(lambda: logged(mover, "breaker.opened"), 60, "the breaker to open")
        answer = mover.get("/readyz")
        assert answer.status_code == 503
        assert "paused: the portal" in answer.json()["faults"]["intake"]
        assert mover.get("/healthz").status_code == 200
        assert breaker_gauge(mover) == 1
        time.sleep(4)  # the retries come back meanwhile, and find nobody
        burnt = len(logged(mover, "message.settled"))
        assert burnt <= 5 + 2 * IN_HAND
        back = time.monotonic()
        set_faults(simulator)
        wait_until(lambda: filed(simulator), 30, "the first move")
        assert time.monotonic() - back < 20
        wait_until(lambda: len(filed(simulator)) == 200, 60, "all to be filed")
        assert set(filed(simulator)) == ids
        assert breaker_gauge(mover) == 0
        wait_until(mover.ready, 20, "the mover to be ready again")
        assert len(logged(mover, "breaker.opened")) == len(logged(mover, "breaker.closed")) == 1
        assert mover.stop() == 0
    assert waiting_in(any_vhost_url, "mover.dead") == 0


def test_a_refused_key_opens_at_once_and_a_stop_meanwhile_is_clean(any_vhost_url: str, tmp_path: Path) -> None:
    with running_mover(any_vhost_url, tmp_path, DOCSPACE_API_KEY="sk-unknown") as (simulator, mover):
        queue_uploads(simulator, any_vhost_url, 60)
        mover.start()
        wait_until(lambda: logged(mover, "breaker.opened"), 60, "the breaker to open")
        wait_until(lambda: waiting_in(any_vhost_url, "mover") > 0, 10, "the retries to come back")
        time.sleep(3)
        assert len(logged(mover, "message.settled")) <= 2 * IN_HAND
        assert "DOCSPACE_API_KEY" in mover.get("/readyz").json()["faults"]["intake"]
        assert mover.stop() == 0
        assert logged(mover, "worker.stopped")[-1]["drained"] is True
        assert waiting_in(any_vhost_url, "mover") + waiting_in(any_vhost_url, "retry.1s") >= 60 - IN_HAND
