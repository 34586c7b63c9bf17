"""Finds out which message the broker refuses for good: each suspect is published alone, on a channel of its own.

RabbitMQ answers such a publish by closing the channel, and does not say which publish in flight it was. To be used
on the loop's thread.
"""

from collections import deque
from collections.abc import Iterable

import pika
from pika.channel import Channel
from pika.exceptions import ChannelClosedByBroker

from shared.amqp.confirms import ConfirmChannel, NeverTakenError, PublishError, Settled, UnknownError
from shared.wire.message import Publication

OF_THE_MESSAGE = frozenset({311, 406})
"""CONTENT_TOO_LARGE and PRECONDITION_FAILED: the reply codes that are about the message, and not about us."""

Key = tuple[str, str, str]


class Trials:
    def __init__(self) -> None:
        self._suspects: set[Key] = set()
        self._waiting: deque[tuple[Publication, Settled]] = deque()
        self._tried: tuple[Publication, Settled] | None = None
        self._connection: pika.SelectConnection | None = None
        self._channel: Channel | None = None
        self._confirms: ConfirmChannel | None = None

    def begin(self, connection: pika.SelectConnection) -> None:
        """Use this connection from now on. The publishes of the one before were answered when it was lost, and
        come again.
        """
        self._connection = connection

    def suspect(self, publications: Iterable[Publication]) -> None:
        self._suspects.update(map(_key, publications))

    def concern(self, publication: Publication) -> bool:
        return bool(self._suspects) and _key(publication) in self._suspects

    def publish(self, publication: Publication, settled: Settled) -> None:
        """Like `ConfirmChannel.publish`, but one at a time. NeverTakenError if the broker refuses it alone too."""
        self._waiting.append((publication, settled))
        self._next()

    def lost(self, reason: str) -> None:
        """The connection is lost."""
        self._connection = self._channel = self._confirms = None
        waiting, self._waiting = self._waiting, deque()
        tried, self._tried = self._tried, None
        for _, settled in ([tried] if tried else []) + list(waiting):
            settled(UnknownError(f"no confirm came before the connection was lost: {reason}"))

    def _next(self) -> None:
        if self._tried is not None or not self._waiting or self._connection is None:
            return
        if self._confirms is not None:
            self._tried = self._waiting.popleft()
            self._confirms.publish(self._tried[0], self._answered)
        elif self._channel is None:
            self._channel = self._connection.channel(on_open_callback=self._opened)

    def _opened(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._closed)

        def ready() -> None:
            self._confirms = confirms
            self._next()

        confirms = ConfirmChannel(channel, ready)

    def _answered(self, error: PublishError | None) -> None:
        if self._tried is None:
            return
        (publication, settled), self._tried = self._tried, None
        if error is None or isinstance(error, NeverTakenError):
            self._suspects.discard(_key(publication))
        settled(error)
        self._next()

    def _closed(self, channel: Channel, error: Exception) -> None:
        if self._channel is channel:
            self._channel = self._confirms = None
            self._answered(verdict(error) or UnknownError(f"channel closed: {error}"))
            self._next()


def verdict(error: Exception) -> NeverTakenError | None:
    """What a closed channel says about the only publish in flight on it; None if it says nothing about it."""
    if isinstance(error, ChannelClosedByBroker) and error.reply_code in OF_THE_MESSAGE:
        return NeverTakenError(f"the broker refuses the message: {error.reply_text}")
    return None


def _key(publication: Publication) -> Key:
    return publication.exchange, publication.routing_key, publication.message.message_id
