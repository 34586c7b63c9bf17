"""Reads the history's stream: a copy of all that is published, kept by the broker for a while. Takes nothing away.

Only who reads it declares it: without a reader there is no stream, and the pipeline pays nothing. It reconnects by
itself, and goes on where the reader says it is.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import pika
import structlog
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker
from pika.spec import Basic

from shared.amqp.client import codec
from shared.amqp.operator.connect import cause, connected
from shared.amqp.topology import Topology, topology
from shared.errors import TransientError
from shared.runtime.settle import DEAD, DIED, DISCARDED, EXCHANGE, REPLAYED
from shared.store.history.step import Delivery
from shared.wire.stages import NAMES

QUEUE = "history"
ARGUMENTS: dict[str, Any] = {
    "x-queue-type": "stream",
    "x-max-age": "7D",  # a reader that is down for so long misses what is older
    "x-max-length-bytes": 2_000_000_000,  # some million steps
    "x-stream-max-segment-size-bytes": 50_000_000,  # whole segments are dropped: small ones keep to the limits
}
BATCH, BATCH_S = 500, 0.5
"""Messages handed over together, and how long the first of them waits for the others."""
RECONNECT_S = 1.0
RESTORED_EXCHANGE, RESTORED_KEY = "restored-exchange", "restored-routing-key"
"""Headers of what a backup put into the stream, past all exchanges: by what it came there the first time."""
_NOT_FOUND = 404
_KEYS = {
    EXCHANGE: ["#"],
    DEAD: [f"{stage}.{what}" for stage in NAMES for what in (DIED, REPLAYED, DISCARDED)],
}

log = structlog.get_logger()

Resume = Callable[[bool], int | None]
"""The offset of the last message that is done with, or None; told whether the stream is new on this broker."""


def batches(
    urls: Sequence[str], delays_s: tuple[int, ...], resume: Resume, stopping: Callable[[], bool]
) -> Generator[list[Delivery], None, None]:
    """Batches in the stream's order, until `stopping`; an empty one at least every half second where none comes.

    Whatever is handed over after a lost connection follows the offset that `resume` then says.
    """
    in_turn = deque(urls)
    while not stopping():
        try:
            with connected(in_turn, "history") as connection:
                new = _declare(connection, delays_s)
                log.info("history.connected", new_stream=new)
                yield from _read(connection.channel(), resume(new), stopping)
        except (AMQPError, OSError, TransientError) as error:
            log.warning("history.connection_lost", error=cause(error))
            in_turn.rotate(-1)
            yield []
            time.sleep(RECONNECT_S)


def _declare(connection: pika.BlockingConnection, delays_s: tuple[int, ...]) -> bool:
    """Whether the stream was not there before."""
    try:
        connection.channel().queue_declare(QUEUE, passive=True)
        new = False
    except ChannelClosedByBroker as error:
        if error.reply_code != _NOT_FOUND:
            raise
        new = True
    channel = connection.channel()
    channel.queue_declare(QUEUE, durable=True, arguments=ARGUMENTS)
    wanted = topology(delays_s)
    for name, kind in wanted.exchanges:
        channel.exchange_declare(name, exchange_type=kind, durable=True)
    bind(channel, wanted)
    return new


def bind(channel: BlockingChannel, wanted: Topology) -> None:
    """To all that is published; the exchanges are there. Repeating is safe."""
    for name, _ in wanted.exchanges:
        for key in _KEYS.get(name, [""]):
            channel.queue_bind(QUEUE, name, key)


def delivery(method: Basic.Deliver, props: pika.BasicProperties, body: bytes) -> Delivery:
    headers = dict(props.headers or {})
    return Delivery(
        offset=int(headers["x-stream-offset"]),
        exchange=str(headers.pop(RESTORED_EXCHANGE, method.exchange)),
        routing_key=str(headers.pop(RESTORED_KEY, method.routing_key)),
        message=codec.message(method, props, body),
        headers=headers,
    )


def _read(channel: BlockingChannel, done: int | None, stopping: Callable[[], bool]) -> Iterator[list[Delivery]]:
    channel.basic_qos(prefetch_count=2 * BATCH)
    start: int | str = "first" if done is None else done + 1
    batch: list[Delivery] = []
    began = time.monotonic()
    while True:
        waits_s = BATCH_S / 5 if batch else BATCH_S
        came = channel.consume(QUEUE, arguments={"x-stream-offset": start}, inactivity_timeout=waits_s)
        try:
            method, props, body = next(came)
        except StopIteration:
            return  # the broker has ended it
        if method is not None:
            batch.append(delivery(method, props, body))
            last = method.delivery_tag
        if len(batch) >= BATCH or time.monotonic() - began >= BATCH_S:
            yield batch
            if batch:
                channel.basic_ack(last, multiple=True)
            batch, began = [], time.monotonic()
            if stopping():
                return
