"""Reads the history's stream: a copy of all that is published, kept by the broker for a while. Takes nothing away.

Only who reads it and `intake topology` declare it: without them there is no stream, and the pipeline pays nothing.
It reconnects by itself, and goes on where the reader says it is.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import pika
import structlog
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError
from pika.spec import Basic

from shared.amqp.client import codec
from shared.amqp.operator.connect import cause, connected
from shared.amqp.operator.declared import TopologyError, declared, missing_of
from shared.amqp.topology import Binding, Needed, Queue, Topology, topology
from shared.errors import TransientError
from shared.runtime.settle import DEAD, DIED, DISCARDED, EXCHANGE, REPLAYED
from shared.store.history.step import Delivery
from shared.wire.stages import EVERY_NAME

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
_KEYS = {
    EXCHANGE: ["#"],
    DEAD: [f"{stage}.{what}" for stage in EVERY_NAME for what in (DIED, REPLAYED, DISCARDED)],
}
_STREAM = Needed(queues=(QUEUE,))

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
    told = ""
    while not stopping():
        try:
            with connected(in_turn, "history") as connection:
                new = _declare(connection, delays_s)
                log.info("history.connected", new_stream=new)
                told = ""
                yield from _read(connection.channel(), resume(new), stopping)
        except (AMQPError, OSError, TransientError) as error:
            fault = cause(error)
            if fault != told or not isinstance(error, TopologyError):  # that one waits for a person
                log.warning("history.connection_lost", error=fault)
            told = fault
            in_turn.rotate(-1)
            yield []
            time.sleep(RECONNECT_S)


def recorded(delays_s: tuple[int, ...]) -> Topology:
    """The stream, bound to every exchange, and these."""
    exchanges = topology(delays_s).exchanges
    bindings = tuple(Binding(name, key) for name, _ in exchanges for key in _KEYS.get(name, [""]))
    return Topology(exchanges, (Queue(QUEUE, ARGUMENTS, bindings),))


def is_new(connection: pika.BlockingConnection) -> bool:
    """Whether the stream is not there yet. No offset that was read before means anything in the one to come."""
    return bool(list(missing_of(connection, _STREAM)))


def _declare(connection: pika.BlockingConnection, delays_s: tuple[int, ...]) -> bool:
    """Whether the stream was not there before."""
    new = is_new(connection)
    declared(connection, recorded(delays_s), _STREAM)
    return new


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
