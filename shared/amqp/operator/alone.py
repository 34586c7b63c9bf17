"""A connection of a command that takes messages out of queues and puts them back: the only one at a time."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker, NackError
from pika.exceptions import UnroutableError as ReturnedError

from shared.amqp.confirms import NackedError, UnavailableError, UnknownError, UnroutableError
from shared.amqp.operator.connect import cause, close, connect
from shared.errors import RUN_TOPOLOGY
from shared.runtime.settle import DEFAULT_EXCHANGE

LOCK = "console.dead.command.lock"
"""A queue that one connection alone may have, for as long as it has it."""
_LOCK_PATIENCE_S = 5.0
"""A command that was killed holds the lock until the broker has noticed."""
_NOT_FOUND, _LOCKED = 404, 405


class Alone:
    """A context manager, for one thread. Two at once would shuffle each other's messages: the second waits a
    little, then raises UnavailableError.
    """

    def __init__(self, urls: Sequence[str], name: str) -> None:
        """Connects to the first URL that answers; UnavailableError says why none did, without their passwords."""
        self._connection = connect(urls, name)
        try:
            with translated():
                self._lock()
                self._channel = self._confirming()
        except BaseException as error:
            close(self._connection, error)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        close(self._connection, error)

    def publish(self, key: str, body: bytes, props: pika.BasicProperties, exchange: str = DEFAULT_EXCHANGE) -> None:
        """Returns once the broker has confirmed it. UnroutableError where no queue takes it, NackedError."""
        try:
            self._channel.basic_publish(exchange, key, body, props, mandatory=True)
        except ReturnedError:
            raise UnroutableError(f"no queue takes {key}: {RUN_TOPOLOGY}") from None
        except NackError:
            raise NackedError(f"the broker refuses {key}") from None

    def length(self, queue: str) -> int:
        """0 for a queue that no worker has declared yet."""
        try:
            return int(self._channel.queue_declare(queue, passive=True).method.message_count)
        except ChannelClosedByBroker as error:
            if error.reply_code != _NOT_FOUND:
                raise
            self._channel = self._confirming()
            return 0

    def _confirming(self) -> BlockingChannel:
        channel = self._connection.channel()
        channel.confirm_delivery()
        return channel

    def _lock(self) -> None:
        """A queue that only one connection can have; it goes with the connection."""
        deadline = time.monotonic() + _LOCK_PATIENCE_S
        while True:
            try:
                self._connection.channel().queue_declare(LOCK, exclusive=True)
            except ChannelClosedByBroker as error:
                if error.reply_code != _LOCKED:
                    raise
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        "another command is busy with the dead letters: try again soon"
                    ) from None
                self._connection.sleep(0.1)
            else:
                return


@contextlib.contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except AMQPError as error:
        raise UnknownError(f"the broker ended the work midway, nothing is lost: {cause(error)}") from error
