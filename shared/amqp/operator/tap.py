"""Listens in on the exchange through a queue of its own: every event, without taking any from a worker.

For a person who watches, and as the shortest example of a pipeline that binds behind ours. Not durable: what is
published while nobody listens is not kept for it.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import pika

from shared.amqp.client import codec
from shared.amqp.client.address import parameters
from shared.amqp.operator.connect import cause
from shared.errors import TransientError
from shared.runtime.settle import EXCHANGE
from shared.wire.message import Message


class Tap:
    """A context manager. Not for use from several threads."""

    def __init__(self, url: str, binding: str = "#") -> None:
        """Connects at once, and hears everything published from then on; TransientError if it cannot."""
        try:
            self._connection = pika.BlockingConnection(parameters(url))
        except (pika.exceptions.AMQPError, OSError) as error:
            raise TransientError(f"the broker cannot be reached: {cause(error)}") from error
        self._channel = self._connection.channel()
        self._channel.exchange_declare(EXCHANGE, exchange_type="topic", durable=True)
        self._queue: str = self._channel.queue_declare("", exclusive=True).method.queue
        self._channel.queue_bind(self._queue, EXCHANGE, binding)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Ctrl-C leaves pika in the middle of a step, from which it cannot close: the process ends, and all with it
        in_order = kind is None or issubclass(kind, Exception)
        if in_order and self._connection.is_open:
            self._connection.close()

    def messages(self, timeout_s: float) -> Iterator[Message]:
        """Each message as it comes, until none came for `timeout_s` seconds; TransientError if the broker goes."""
        try:
            for method, props, body in self._channel.consume(
                self._queue, auto_ack=True, inactivity_timeout=timeout_s
            ):
                if method is None:
                    return
                yield codec.message(method, props, body)
        except pika.exceptions.AMQPError as error:
            raise TransientError(f"the connection to the broker was lost: {cause(error)}") from error
