"""Reads the history's stream from some time ago to now, and ends there. It takes nothing away and declares nothing.

The broker keeps the body of a webhook here alone: the history's tables keep what a step tells.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker

from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.connect import cause, connected
from shared.amqp.operator.stream import QUEUE, delivery
from shared.errors import PermanentError
from shared.store.history.step import Delivery

PREFETCH = 1000
ACK_EVERY = PREFETCH // 2
"""An ack only opens the window again: the stream keeps everything."""
SILENT_S = 5.0
"""A broker begins to give within milliseconds."""
QUIET_S, LONGEST_LOOK_S = 0.3, 2.0
"""No message for so long: that was the last one. On a stream that is never quiet, that of now is near enough."""
_NOT_FOUND = 404


class NoStreamError(PermanentError):
    """No projector ever ran on this broker."""


def past(urls: Sequence[str], since: float) -> Iterator[Delivery]:
    """What was published since, in the stream's order, up to what was there when it began to read.

    `since` is seconds since the epoch; a little of what came before it comes too, for the broker begins with whole
    chunks. UnavailableError where the broker goes; NoStreamError says what to do.
    """
    with connected(urls, "console past") as connection:
        try:
            last = _last(connection)
            if last is None:
                return
            for each in _deliveries(connection.channel(), datetime.fromtimestamp(since, UTC), SILENT_S):
                yield each
                if each.offset >= last.offset:
                    return
            if last.message.timestamp >= since:
                raise UnavailableError(f"the broker gave nothing for {SILENT_S:.0f} s, though its history goes on")
        except ChannelClosedByBroker as error:
            if error.reply_code != _NOT_FOUND:
                raise UnavailableError(f"the broker does not let us read: {error.reply_text}") from error
            raise NoStreamError(
                "no history is kept on this broker: let `python -m console history` run beside the workers; "
                "what came before it first ran is not known"
            ) from error
        except AMQPError as error:
            raise UnavailableError(f"the broker went away: {cause(error)}") from error


def _last(connection: pika.BlockingConnection) -> Delivery | None:
    last = None
    enough = time.monotonic() + LONGEST_LOOK_S
    for each in _deliveries(connection.channel(), "last", SILENT_S, QUIET_S):
        last = each
        if time.monotonic() > enough:
            break
    return last


def _deliveries(
    channel: BlockingChannel, start: str | datetime, silent_s: float, quiet_s: float | None = None
) -> Iterator[Delivery]:
    """From `start` on, until none comes for `silent_s`; after the first, for `quiet_s` where given."""
    channel.basic_qos(prefetch_count=PREFETCH)
    heard_at, patience_s, unacked = time.monotonic(), silent_s, 0
    for method, props, body in channel.consume(
        QUEUE, arguments={"x-stream-offset": start}, inactivity_timeout=min(silent_s, quiet_s or silent_s)
    ):
        if method is None:
            if time.monotonic() - heard_at >= patience_s:
                return
            continue
        yield delivery(method, props, body)
        heard_at, patience_s = time.monotonic(), quiet_s or silent_s
        unacked += 1
        if unacked == ACK_EVERY:
            channel.basic_ack(method.delivery_tag, multiple=True)
            unacked = 0
