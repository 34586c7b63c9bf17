"""Hears every event on the exchange through a queue of its own, without taking any from a worker.

It is for a person who watches, and the shortest example of a pipeline that binds behind ours. The queue is not
durable: nothing is kept for it while nobody listens.
"""

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from pika.exceptions import AMQPError

from shared.amqp.client import codec
from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.connect import cause, close, connect
from shared.amqp.operator.declared import TopologyError, declared
from shared.amqp.topology import Needed, Topology
from shared.runtime.settle import EXCHANGE
from shared.wire.message import Message

_SOURCE = Topology(exchanges=((EXCHANGE, "topic"),), queues=())


class Tap:
    """A context manager, for one thread. Every method raises UnavailableError where the broker goes."""

    def __init__(self, urls: Sequence[str], binding: str = "#") -> None:
        """Connects to the first URL that answers, and hears everything published from then on."""
        self._connection = connect(urls, "console tap")
        try:
            self._channel = declared(self._connection, _SOURCE, Needed(exchanges=(EXCHANGE,)))
            self._queue: str = self._channel.queue_declare("", exclusive=True).method.queue
            self._channel.queue_bind(self._queue, EXCHANGE, binding)
        except (AMQPError, TopologyError) as error:
            close(self._connection)
            raise UnavailableError(f"the broker does not let us listen: {cause(error)}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        close(self._connection, error)

    def messages(self, timeout_s: float) -> Iterator[Message]:
        """Each message as it comes, until none came for `timeout_s` seconds."""
        try:
            for method, props, body in self._channel.consume(
                self._queue, auto_ack=True, inactivity_timeout=timeout_s
            ):
                if method is None:
                    return
                yield codec.message(method, props, body)
        except AMQPError as error:
            raise UnavailableError(f"the connection to the broker was lost: {cause(error)}") from error
