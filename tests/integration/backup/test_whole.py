"""Reading all queues loses nothing and holds nothing up, and what was read lies elsewhere as it lay here."""

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pika
import pytest

from shared.amqp.operator.lying import Lying, as_json, from_json
from shared.amqp.operator.past import past
from shared.amqp.operator.stream import batches
from shared.amqp.operator.whole import Whole, stream
from shared.amqp.suspects import SUSPECT_AFTER
from shared.runtime.settle import DEAD, EXCHANGE
from tests.support.brokers import Broker, fresh_vhost
from tests.support.runtime import messages_in, plain_channel, waiting_in
from tests.support.waiting import wait_until

DELAYS_S = (2, 60)
HEADERS: dict[str, Any] = {
    "text": "Rechnung ü",
    "number": 2**40,
    "yes": True,
    "nothing": None,
    "raw": b"\xff\x00",
    "price": Decimal("1.50"),
    "at": datetime(2026, 11, 30, 12, tzinfo=UTC),
    "list": [1, "two", {"three": [b"\xfe"]}],
}


@pytest.fixture
def url(any_vhost_url: str) -> str:
    """With all queues, and no process."""
    with Whole([any_vhost_url], DELAYS_S) as whole:
        whole.declare(asked=True)
    return any_vhost_url


def put(url: str, key: str, name: str, exchange: str = "", **headers: Any) -> None:
    with plain_channel(url) as channel:
        channel.confirm_delivery()
        props = pika.BasicProperties(message_id=name, type="invoice.detected", delivery_mode=2, headers=headers)
        channel.basic_publish(exchange, key, name.encode(), props, mandatory=True)


def read(url: str) -> list[Lying]:
    with Whole([url], DELAYS_S) as whole:
        return list(whole.read())


def take(url: str, queue: str) -> tuple[str, dict[str, Any]]:
    with plain_channel(url) as channel:
        _, props, _ = channel.basic_get(queue, auto_ack=True)
        return props.message_id, {"x-delivery-count": 0, **(props.headers or {})}


def test_all_queues_are_read_in_order_and_hold_the_same_afterwards(url: str) -> None:
    for name in "abc":
        put(url, "mover", name)
    put(url, "classifier.dead", "d", DEAD, reason="no right")
    put(url, "webhook.operator.room.asked", "f", EXCHANGE)  # to the classifier
    put(url, "reconciler.asked", "g")
    for _ in range(21):  # more often than a message may be handed back to a work queue
        read(url)
    put(url, "mover", "e", "retry.1m")
    found = [(lying.queue, lying.identity) for lying in read(url)]
    assert found == [
        ("retry.1m", "e"), ("classifier.dead", "d"), ("classifier", "f"), *(("mover", name) for name in "abc"),
        ("reconciler.asked", "g"),
    ]  # fmt: skip
    assert messages_in(url, ["mover", "classifier.dead", "retry.1m", "classifier", "reconciler.asked"]) == {
        "mover": 3, "classifier.dead": 1, "retry.1m": 1, "classifier": 1, "reconciler.asked": 1,
    }  # fmt: skip
    assert [take(url, "mover") for _ in "abc"] == [(name, {"x-delivery-count": 0}) for name in "abc"]


def test_a_wait_ends_as_soon_though_its_message_was_read_meanwhile(url: str) -> None:
    put(url, "mover", "a", "retry.2s")
    began = time.monotonic()
    with Whole([url], DELAYS_S) as whole:
        assert [lying.queue for lying in whole.read()] == ["retry.2s"]
    wait_until(lambda: waiting_in(url, "mover") == 1, 10, "the wait to end")
    assert time.monotonic() - began < 4
    name, headers = take(url, "mover")
    assert (name, headers["x-delivery-count"] < SUSPECT_AFTER) == ("a", True)  # RabbitMQ 4 counts on


def test_a_message_that_is_held_comes_to_no_other_queue_until_all_are_read(url: str) -> None:
    put(url, "mover", "a", "retry.2s")
    with Whole([url], DELAYS_S) as whole:
        reading = whole.read()
        assert next(reading).identity == "a"
        time.sleep(2.5)  # its wait is over
        assert list(reading) == []
    wait_until(lambda: waiting_in(url, "mover") == 1, 10, "the wait to end")


def test_what_was_read_lies_in_another_broker_as_it_lay_there(url: str, any_broker: Broker) -> None:
    put(url, "mover", "a", **HEADERS)
    put(url, "notifier", "b", "retry.1m", attempt=3)
    put(url, "notifier.dead", "c", DEAD, code="no-right")
    lying = [from_json(as_json(each)) for each in read(url)]
    assert lying == read(url)
    with fresh_vhost(any_broker) as other:
        with Whole([other], DELAYS_S) as whole:
            whole.declare(asked=False)
            assert list(whole.fill(lying)) == lying
            assert list(whole.fill(lying)) == lying  # once more adds nothing
        assert read(other) == lying
        assert take(other, "mover") == ("a", HEADERS | {"x-delivery-count": 0})


def test_what_was_in_the_stream_is_there_by_the_exchange_that_it_came_by(url: str, any_broker: Broker) -> None:
    (empty,) = _streamed_once(url)
    assert empty == []
    put(url, "invoice.detected", "a", EXCHANGE, at_ms=1)
    put(url, "mover.dead", "b", DEAD, code="no-right")
    kept = wait_until(lambda: found if len(found := list(stream([url]))) == 2 else None, 10, "both in the stream")
    with fresh_vhost(any_broker) as other:
        for _ in range(2):  # repeating it doubles nothing
            with Whole([other], DELAYS_S) as whole:
                whole.declare(asked=False)
                assert list(whole.fill_stream(kept)) == kept
        again = wait_until(lambda: found if len(found := list(past([other], 0))) == 2 else None, 10, "both again")
        assert [(each.exchange, each.routing_key, each.message.message_id) for each in again] == [
            (EXCHANGE, "invoice.detected", "a"), (DEAD, "mover.dead", "b"),
        ]  # fmt: skip
        assert [each.headers.get("code") for each in again] == [None, "no-right"]
        assert messages_in(other, ["mover", "mover.dead"]) == {}


def _streamed_once(url: str) -> list[list[Any]]:
    """Has the stream declared, as the history's projector does."""
    reading = batches([url], DELAYS_S, lambda _: None, lambda: False)
    first = next(reading)
    reading.close()
    return [first]
