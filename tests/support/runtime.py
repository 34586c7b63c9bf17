"""The product's own consumer and publisher, running in the test's process against a real broker."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pika

from shared.amqp.client import codec
from shared.amqp.consumer import Consumer
from shared.amqp.publisher import Publisher
from shared.amqp.topology import DELIVERY_LIMIT, topology
from shared.runtime.handling import outcome_of
from shared.runtime.ladder import Ladder
from shared.runtime.metrics import Metrics
from shared.runtime.settle import EXCHANGE, Settler
from shared.text.codes import Code
from shared.wire.message import Message, Publication, derived_id
from shared.wire.outcome import Dead, Outcome
from shared.wire.stages import STAGES, Stage
from tests.support.waiting import wait_until

DELAYS_S = (1, 2)


@contextlib.contextmanager
def running_consumer(
    url: str,
    stage: str,
    handler: Callable[[Message], Outcome],
    *,
    concurrency: int = 4,
    max_age_s: float = 60,
    metrics: Metrics | None = None,
    ready: bool = True,
) -> Iterator[Consumer]:
    """Once it is ready, unless that is not waited for."""
    settler = Settler(stage, Ladder(DELAYS_S, max_age_s), app_id=stage)
    consumer = Consumer(
        urls=url.split(","),
        wanted=topology(DELAYS_S),
        queue=stage,
        name=f"{stage}@test",
        handle=lambda message: settler.settle(message, outcome_of(handler, message), time.time()),
        bury=lambda message, reason: settler.settle(message, Dead(reason, Code.BROKER_REFUSED), time.time()),
        wait_longer=settler.wait_longer,
        concurrency=concurrency,
        prefetch=concurrency,
        metrics=metrics or Metrics(),
    )
    consumer.start()
    try:
        if ready:
            wait_until(lambda: consumer.check() is None, timeout_s=30, what="the consumer to be ready")
        yield consumer
    finally:
        consumer.drain(5)


@contextlib.contextmanager
def running_publisher(url: str, stages: Sequence[Stage] = STAGES) -> Iterator[Publisher]:
    """Once it is ready, all that these stages need is declared."""
    publisher = Publisher(url.split(","), topology(DELAYS_S, stages), "publisher@test", Metrics())
    publisher.start()
    try:
        wait_until(lambda: publisher.check() is None, timeout_s=30, what="the publisher to be ready")
        yield publisher
    finally:
        publisher.close()


def event(number: int, routing_key: str = "webhook.file.uploaded") -> Publication:
    message = Message(
        body=b'{"number": %d}' % number,
        type=routing_key,
        message_id=derived_id("test", number),
        correlation_id=derived_id("upload", number),
        timestamp=int(time.time()),
    )
    return Publication(exchange=EXCHANGE, routing_key=routing_key, message=message, mandatory=True)


@contextlib.contextmanager
def plain_channel(urls: str) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    """A channel with the first of the brokers, divided by commas, that lets one in."""
    connection = pika.BlockingConnection([pika.URLParameters(url) for url in urls.split(",")])
    try:
        yield connection.channel()
    finally:
        if connection.is_open:
            connection.close()


def waiting_in(url: str, queue: str) -> int:
    with plain_channel(url) as channel:
        return int(channel.queue_declare(queue, passive=True).method.message_count)


def messages_in(url: str, queues: Iterable[str]) -> dict[str, int]:
    """The queues that hold messages, and how many wait in each."""
    with plain_channel(url) as channel:
        counts = {queue: channel.queue_declare(queue, passive=True).method.message_count for queue in queues}
    return {queue: count for queue, count in counts.items() if count}


def take_one(url: str, queue: str) -> tuple[Message, dict[str, Any]] | None:
    """One message and its raw headers, removed from the queue; None if it is empty."""
    with plain_channel(url) as channel:
        method, props, body = channel.basic_get(queue, auto_ack=True)
        if method is None:
            return None
        return codec.message(method, props, body), dict(props.headers or {})


def must_take(url: str, queue: str) -> tuple[Message, dict[str, Any]]:
    """As `take_one`; AssertionError if the queue is empty."""
    taken = take_one(url, queue)
    assert taken is not None, f"{queue} is empty"
    return taken


def crash_until_buried(url: str, stage: str) -> None:
    """What a worker that crashes again and again does to the one message that waits for it."""

    def buried() -> bool:
        """The broker takes back what nobody answered for, and counts."""
        with plain_channel(url) as channel:
            for _ in range(DELIVERY_LIMIT + 1):
                method, _, _ = channel.basic_get(stage)
                if method is not None:
                    channel.basic_nack(method.delivery_tag, requeue=True)
        return waiting_in(url, f"{stage}.dead") == 1

    wait_until(buried, timeout_s=60, what="the broker to bury it")
