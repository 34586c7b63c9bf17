"""Looks at the product's exchange and queues by passive declares, without changing them.

AMQP does not show bindings. Every process makes them at every connection, so they are missing only if no process
has run.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker

from shared.amqp.client import introduction
from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.connect import cause, close, connect

_NOT_FOUND, _REFUSED = 404, 403


@dataclass(frozen=True, slots=True)
class QueueState:
    name: str
    messages: int
    """Messages ready to be delivered; those that a worker holds do not count."""
    consumers: int


class Survey:
    """A context manager, for one thread. Every method raises UnavailableError if the broker goes away."""

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
        """The broker's cluster name, as it says when a client connects; None if it does not say."""
        return introduction.cluster_name(self._connection)

    def queue(self, name: str) -> QueueState | None:
        """None if there is no such queue."""
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

    def may_make_anything(self) -> bool:
        """Whether our user may make a queue that no role has. One that it may make is gone with this connection."""
        try:
            self._channel.queue_declare(f"intake.security.{uuid.uuid4()}", exclusive=True)
        except ChannelClosedByBroker as error:
            self._channel = self._connection.channel()
            if error.reply_code == _REFUSED:
                return False
            raise UnavailableError(f"the broker does not let us look: {error.reply_text}") from error
        except AMQPError as error:
            raise UnavailableError(f"the broker went away: {cause(error)}") from error
        return True

    def _missing(self, error: ChannelClosedByBroker) -> None:
        if error.reply_code != _NOT_FOUND:
            raise UnavailableError(f"the broker does not let us look: {error.reply_text}") from error
        self._channel = self._connection.channel()
