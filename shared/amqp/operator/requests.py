"""What people ask of the reconciler: a small queue of its own on the exchange. No worker declares it."""

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from pika.exceptions import AMQPError

from shared.amqp.client import codec
from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.connect import cause, close, connect
from shared.amqp.operator.declared import TopologyError, declared
from shared.amqp.topology import Binding, Needed, Queue, Topology
from shared.runtime.settle import EXCHANGE
from shared.wire.events import RoomAsked
from shared.wire.message import Message

QUEUE = "reconciler.asked"
ASKED = Topology(
    exchanges=((EXCHANGE, "topic"),),
    queues=(
        Queue(
            QUEUE,
            {"x-queue-type": "quorum", "x-max-length": 100, "x-overflow": "reject-publish"},
            (Binding(EXCHANGE, RoomAsked.routing_key),),
        ),
    ),
)
"""Who asks while it is full is told so."""


class Requests:
    """A context manager, for one thread. Every method raises UnavailableError where the broker goes."""

    def __init__(self, urls: Sequence[str]) -> None:
        """Connects to the first URL that answers, and declares the queue if it may; from then on nothing asked is
        lost.
        """
        self._connection = connect(urls, "console reconcile requests")
        try:
            self._channel = declared(self._connection, ASKED, Needed(queues=(QUEUE,)))
        except (AMQPError, TopologyError) as error:
            close(self._connection)
            raise UnavailableError(f"the broker does not let us be asked: {cause(error)}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        close(self._connection, error)

    def taken(self) -> Iterator[Message]:
        """What waits; each is gone once the next one is asked for. Does not wait for more."""
        try:
            while True:
                method, props, body = self._channel.basic_get(QUEUE)
                if method is None:
                    return
                yield codec.message(method, props, body)
                self._channel.basic_ack(method.delivery_tag)
        except AMQPError as error:
            raise UnavailableError(f"the connection to the broker was lost: {cause(error)}") from error

    def rest(self, seconds: float) -> None:
        """Sleep, and answer the broker's heartbeats."""
        try:
            self._connection.sleep(seconds)
        except AMQPError as error:
            raise UnavailableError(f"the connection to the broker was lost: {cause(error)}") from error
