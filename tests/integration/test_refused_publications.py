"""What RabbitMQ refuses for good: it ends as a dead letter, and its neighbours go on."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ingress.outlet import Outlet
from ingress.spool import Spool
from ingress.spool_files import LeftBehind
from shared.amqp.confirms import NeverTakenError
from shared.text.codes import Code
from shared.wire.events import InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import Forward, Outcome, Retry
from tests.support.brokers import Broker
from tests.support.runtime import event, plain_channel, running_consumer, running_publisher, take_one, waiting_in
from tests.support.waiting import wait_until

INVOICE = InvoiceDetected(file_id=1, title="Invoice", rule="default", destination=2, recipients=("a@example.com",))
MOST_BYTES, USUAL_BYTES = 3_000, 134_217_728
LARGE, SHARED_BY_ALL = b'{"number": 3}', 20


@contextlib.contextmanager
def largest_message(broker: Broker, size_bytes: int) -> Iterator[None]:
    """For channels that are opened from now on."""

    def take(most: int) -> None:
        broker.ctl("eval", f"application:set_env(rabbit, max_message_size, {most}).")

    take(size_bytes)
    try:
        yield
    finally:
        take(USUAL_BYTES)


def enlarged(message: Message) -> Outcome:
    """Of one message comes an event that this broker does not take."""
    title = "x" * MOST_BYTES if message.body == LARGE else "Invoice"
    return Forward(replace(INVOICE, title=title))


def test_an_event_too_large_for_the_broker_is_a_dead_letter_of_its_own(
    any_broker: Broker, any_vhost_url: str
) -> None:
    with running_publisher(any_vhost_url) as publisher:
        publisher.publish_all([event(number) for number in range(SHARED_BY_ALL)], timeout_s=20)
    with (
        largest_message(any_broker, MOST_BYTES),
        running_consumer(any_vhost_url, "classifier", enlarged) as consumer,
    ):
        wait_until(lambda: waiting_in(any_vhost_url, "classifier.dead") == 1, 30, "the dead letter")
        wait_until(lambda: waiting_in(any_vhost_url, "mover") >= SHARED_BY_ALL - 1, 30, "the neighbours")
        wait_until(lambda: consumer.check() is None, 20, "the stage to be ready")
    found = take_one(any_vhost_url, "classifier.dead")
    assert found is not None
    message, headers = found
    assert message.body == LARGE
    assert "larger than configured max size 3000" in str(headers["reason"])
    assert waiting_in(any_vhost_url, "classifier") == 0


def test_where_the_dead_letter_is_refused_too_the_broker_makes_one_of_the_message(
    any_broker: Broker, any_vhost_url: str
) -> None:
    large = replace(event(1).message, body=b'{"a": "' + b"x" * MOST_BYTES + b'"}')
    with running_publisher(any_vhost_url) as publisher:
        publisher.publish_all([replace(event(1), message=large), event(2)], timeout_s=20)
    with (
        largest_message(any_broker, MOST_BYTES),
        running_consumer(any_vhost_url, "classifier", lambda _: Retry("later", Code.AT_WORK)),
    ):
        wait_until(lambda: waiting_in(any_vhost_url, "classifier.dead") == 1, 30, "the dead letter")
    found = take_one(any_vhost_url, "classifier.dead")
    assert found is not None
    assert found[0].body == large.body


def test_a_spooled_event_that_the_broker_refuses_is_set_aside_and_the_others_brought(
    any_broker: Broker, any_vhost_url: str, tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool.db", 10_000_000)
    messages = [event(number).message for number in range(SHARED_BY_ALL)]
    messages[3] = replace(messages[3], body=b"x" * 2 * MOST_BYTES)
    for message in messages:
        spool.store(message)
    with largest_message(any_broker, MOST_BYTES), running_publisher(any_vhost_url) as publisher:
        outlet = Outlet(publisher, spool, LeftBehind(tmp_path / "spool.db"), confirm_timeout_s=5)
        outlet.start()
        wait_until(lambda: len(spool) == 0, 60, "the spool to be empty")
        outlet.stop(timeout_s=5)
    assert spool.set_aside_count == 1
    spool.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "spool.db")) as kept:
        ((message_id, body, reason),) = kept.execute("SELECT message_id, body, reason FROM set_aside").fetchall()
    assert (message_id, body) == (messages[3].message_id, messages[3].body)
    assert "larger than configured max size 3000" in reason
    ids = set()
    while found := take_one(any_vhost_url, "classifier"):
        ids.add(found[0].message_id)
    assert ids == {message.message_id for message in messages} - {message_id}


def test_headers_over_a_frame_are_refused_at_once_and_the_connection_stays(any_vhost_url: str) -> None:
    with running_publisher(any_vhost_url) as publisher, plain_channel(any_vhost_url) as channel:
        channel.queue_purge("classifier")
        with pytest.raises(NeverTakenError, match="its headers take 14"):
            publisher.publish(replace(event(1), headers={"reason": "x" * 140_000}), timeout_s=5)
        with pytest.raises(NeverTakenError, match="cannot be sent"):
            publisher.publish(replace(event(1), routing_key="x" * 256), timeout_s=5)
        publisher.publish(event(2), timeout_s=5)
        assert waiting_in(any_vhost_url, "classifier") == 1


@pytest.mark.parametrize("length", [70_000, 200_000])
def test_a_reason_of_any_length_is_cut_in_the_headers(any_vhost_url: str, length: int) -> None:
    with (
        running_publisher(any_vhost_url) as publisher,
        running_consumer(any_vhost_url, "classifier", lambda _: Retry("я" * length, Code.LOCKED), max_age_s=0),
    ):
        publisher.publish(event(1), timeout_s=20)
        wait_until(lambda: waiting_in(any_vhost_url, "classifier.dead") == 1, 20, "the dead letter")
    found = take_one(any_vhost_url, "classifier.dead")
    assert found is not None
    for name in ("reason", "error"):
        assert len(str(found[1][name]).encode()) <= 3_000
        assert str(found[1][name]).endswith("…")
