"""The shared runtime and the ingress's outlet when the broker is there and something is wrong with it."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pika
import pytest

from ingress.outlet import Outlet
from ingress.spool import Spool
from ingress.spool_files import LeftBehind
from ingress.webhook import received
from shared.amqp.confirms import PublishError
from shared.amqp.publisher import Publisher
from shared.text.codes import Code
from shared.wire.events import InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import Forward, Outcome, Skip
from tests.support.brokers import Broker
from tests.support.proxy import proxy
from tests.support.runtime import event, plain_channel, running_consumer, running_publisher, waiting_in
from tests.support.waiting import wait_until
from tests.support.webhooks import EXAMPLE

INVOICE = InvoiceDetected(file_id=1, title="Invoice", rule="default", destination=2, recipients=("a@example.com",))


def through(url: str, port: int, query: str = "") -> str:
    """The same virtual host by way of another port."""
    parameters = pika.URLParameters(url)
    return f"amqp://guest:guest@127.0.0.1:{port}/{parameters.virtual_host}{query}"


def webhook(number: int) -> Message:
    return received(EXAMPLE.replace("18231", str(number)).encode(), int(time.time()))


@contextlib.contextmanager
def running_outlet(publisher: Publisher, folder: Path) -> Iterator[tuple[Outlet, Spool]]:
    spool = Spool(folder / "spool.db", 10_000_000)
    outlet = Outlet(publisher, spool, LeftBehind(folder / "spool.db"), confirm_timeout_s=1.0)
    outlet.start()
    try:
        yield outlet, spool
    finally:
        outlet.stop(timeout_s=15)
        spool.close()


class Handled:
    """A handler that notes what it got."""

    def __init__(self) -> None:
        self.bodies = Counter[bytes]()
        self._lock = threading.Lock()

    def __call__(self, message: Message) -> Outcome:
        with self._lock:
            self.bodies[message.body] += 1
        return Skip("done", Code.NO_RULE)


def test_a_network_cut_without_a_fin_is_noticed_and_everything_comes_back(
    any_vhost_url: str, free_port: Callable[[], int], tmp_path: Path
) -> None:
    handled = Handled()
    port = pika.URLParameters(any_vhost_url).port
    with proxy(free_port(), port) as network:
        url = through(any_vhost_url, network.port, "?heartbeat=2")
        with (
            running_consumer(url, "classifier", handled) as consumer,
            running_publisher(url) as publisher,
            running_outlet(publisher, tmp_path) as (outlet, spool),
        ):
            outlet.publish(webhook(0))
            wait_until(lambda: handled.bodies, timeout_s=10, what="the first event to be handled")
            network.cut()
            for number in range(1, 6):
                started = time.monotonic()
                outlet.publish(webhook(number))
                assert time.monotonic() - started < 3
            assert len(spool) == 5
            assert outlet.check() is None
            wait_until(lambda: consumer.check() is not None, timeout_s=40, what="the consumer to say so")
            wait_until(lambda: publisher.check() is not None, timeout_s=40, what="the publisher to say so")
            with pytest.raises(PublishError):
                publisher.publish(event(1), timeout_s=1)
            network.heal()
            wait_until(lambda: consumer.check() is None, timeout_s=40, what="the consumer to be back")
            wait_until(lambda: publisher.check() is None, timeout_s=40, what="the publisher to be back")
            wait_until(lambda: len(handled.bodies) == 6, timeout_s=20, what="every event to be handled")
            assert len(spool) == 0


ALARMS = {
    "memory": (
        ("set_vm_memory_high_watermark", "absolute", "1MB"),
        ("set_vm_memory_high_watermark", "0.4"),
    ),
    "disk": (("set_disk_free_limit", "1000000GB"), ("set_disk_free_limit", "50MB")),
}


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_of_the_broker_fills_the_spool_and_loses_nothing(
    any_broker: Broker, any_vhost_url: str, tmp_path: Path, alarm: str
) -> None:
    on, off = ALARMS[alarm]
    gate = threading.Event()
    handled = Handled()

    def wait_and_note(message: Message) -> Outcome:
        assert gate.wait(60)
        return handled(message)

    with (
        running_consumer(any_vhost_url, "classifier", wait_and_note) as consumer,
        running_publisher(any_vhost_url) as publisher,
        running_outlet(publisher, tmp_path) as (outlet, spool),
    ):
        for number in range(4):
            outlet.publish(webhook(number))
        wait_until(lambda: consumer.check() is None, timeout_s=10, what="a quiet start")
        any_broker.ctl(*on)
        try:
            started = time.monotonic()
            for number in range(4, 10):  # the first publish is what the broker blocks
                outlet.publish(webhook(number))
            assert time.monotonic() - started < 4
            wait_until(lambda: "alarm" in (publisher.check() or ""), timeout_s=10, what="the publisher to say so")
            assert len(spool) >= 5
            assert outlet.check() is None
            gate.set()  # what is in hand is handled; its outcome waits to be published, and its ack for that
            wait_until(lambda: len(handled.bodies) == 4, timeout_s=10, what="the four in hand to be handled")
            wait_until(lambda: "alarm" in (consumer.check() or ""), timeout_s=10, what="the consumer to say so")
        finally:
            any_broker.ctl(*off)
        wait_until(lambda: consumer.check() is None, timeout_s=20, what="the consumer to be ready")
        wait_until(lambda: publisher.check() is None, timeout_s=20, what="the publisher to be ready")
        wait_until(lambda: len(handled.bodies) == 10, timeout_s=20, what="every event to be handled")
        wait_until(lambda: len(spool) == 0, timeout_s=20, what="the spool to be empty")
    assert waiting_in(any_vhost_url, "classifier") == 0


def test_an_exchange_deleted_under_the_publisher_is_made_again(any_vhost_url: str) -> None:
    with running_publisher(any_vhost_url) as publisher:
        with plain_channel(any_vhost_url) as channel:
            channel.exchange_delete("docspace")
        with pytest.raises(PublishError):
            publisher.publish(event(1), timeout_s=5)
        wait_until(lambda: publisher.check() is None, timeout_s=20, what="the publisher to be back")
        publisher.publish(event(1), timeout_s=5)
        assert waiting_in(any_vhost_url, "classifier") == 1


def test_an_exchange_deleted_under_a_worker_costs_no_message(any_vhost_url: str) -> None:
    with (
        running_publisher(any_vhost_url) as publisher,
        running_consumer(any_vhost_url, "classifier", lambda _: Forward(INVOICE)) as consumer,
        plain_channel(any_vhost_url) as channel,
    ):
        channel.exchange_delete("docspace")
        direct = event(1)
        channel.confirm_delivery()
        channel.basic_publish(
            "", "classifier", direct.message.body, pika.BasicProperties(type="webhook.file.uploaded")
        )
        wait_until(lambda: waiting_in(any_vhost_url, "mover") == 1, timeout_s=20, what="the forward")
        wait_until(lambda: consumer.check() is None, timeout_s=20, what="the worker to be back")
        wait_until(lambda: publisher.check() is None, timeout_s=20, what="the publisher to be back")


def test_a_queue_that_differs_is_told_in_the_brokers_words_until_mended(
    any_vhost_url: str,
) -> None:
    with (
        running_publisher(any_vhost_url) as publisher,
        running_consumer(any_vhost_url, "classifier", lambda _: Skip("done", Code.NO_RULE)) as consumer,
    ):
        with plain_channel(any_vhost_url) as channel:
            channel.queue_delete("classifier")
            channel.queue_declare("classifier", durable=True, arguments={"x-queue-type": "classic"})
        wait_until(lambda: differs(consumer.check()), timeout_s=20, what="the consumer to say so")
        with pytest.raises(PublishError):  # no queue takes it, and the publisher looks at the topology again
            publisher.publish(event(1), timeout_s=5)
        wait_until(lambda: differs(publisher.check()), timeout_s=20, what="the publisher to say so")
        with plain_channel(any_vhost_url) as channel:
            channel.queue_delete("classifier")
        wait_until(lambda: consumer.check() is None, timeout_s=20, what="the consumer to be back")
        wait_until(lambda: publisher.check() is None, timeout_s=20, what="the publisher to be back")
        publisher.publish(event(2), timeout_s=5)


def differs(fault: str | None) -> bool:
    return fault is not None and "PRECONDITION_FAILED" in fault and "queue 'classifier'" in fault
