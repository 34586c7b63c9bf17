"""Looks at the product's exchange and queues without changing them: passive declares, no management plugin.

AMQP does not tell bindings. Every process makes them at every connection, so they miss only where no process ran.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker

from shared.amqp.client import introduction
from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.connect import cause, close, connect

_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class QueueState:
    name: str
    messages: int
    """Ready to be delivered; those in a worker's hand do not count."""
    consumers: int


class Survey:
    """A context manager, for one thread. Every method raises UnavailableError where the broker goes."""

    def __init__(self, urls: Sequence[str]) -> None:
        """Connects to the first URL that answers; UnavailableError says why none did, without their passwords."""
        self._connection = connect(urls, "console survey")
        self._channel: BlockingChannel = self._connection.channel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        close(self._connection, error)

    @property
    def cluster_name(self) -> str | None:
        """As the broker introduces itself; None where it does not tell."""
        return introduction.cluster_name(self._connection)

    def queue(self, name: str) -> QueueState | None:
        """None where there is no such queue."""
        try:
            found = self._channel.queue_declare(name, passive=True).method
        except ChannelClosedByBroker as error:
            self._missing(error)
            return None
        except AMQPError as error:
            raise UnavailableError(f"the broker went away: {cause(error)}") from error
        return QueueState(name, int(found.message_count), int(found.consumer_count))

    def has_exchange(self, name: str) -> bool:
        try:
            self._channel.exchange_declare(name, passive=True)
        except ChannelClosedByBroker as error:
            self._missing(error)
            return False
        except AMQPError as error:
            raise UnavailableError(f"the broker went away: {cause(error)}") from error
        return True

    def _missing(self, error: ChannelClosedByBroker) -> None:
        if error.reply_code != _NOT_FOUND:
            raise UnavailableError(f"the broker does not let us look: {error.reply_text}") from error
        self._channel = self._connection.channel()
