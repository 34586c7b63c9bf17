"""Asks the broker regularly whether our consumer is there.

The fault that users of message workers report most is a consumer that silently never comes back. A passive declare
returns the queue's consumers and waiting messages. It needs no management plugin, and its answer proves that the
connection works.
"""

import time
from collections.abc import Callable

import pika
from pika.adapters.select_connection import IOLoop
from pika.channel import Channel
from pika.frame import Method

from shared.amqp.progress import STANDS_STILL_S

PROBE_EVERY_S = 3.0
STALE_S = 12.0
"""Without an answer for this long, the worker is not ready."""
HANGS_S = 30.0
"""Without an answer for this long, the connection is made again. The heartbeat notices a cut connection sooner."""
IDLE_PROBES = 3
"""If this many probes in a row see messages waiting while we hold none, the consumer gets no messages, and the
connection is made again."""


class Presence:
    def __init__(
        self,
        loop: IOLoop,
        queue: str,
        *,
        drop: Callable[[str], None],
        in_hand: Callable[[], int],
        consuming: Callable[[], bool],
        on_served: Callable[[int], None],
    ) -> None:
        """`drop(reason)` gives the connection up; `in_hand()` returns how many messages we hold.

        While `consuming()` is False, it is no fault that no messages come. While it is True, `on_served` is called
        with the queue's number of consumers.
        """
        self._loop = loop
        self._queue = queue
        self._drop = drop
        self._in_hand = in_hand
        self._consuming = consuming
        self._on_served = on_served
        self._connection: pika.SelectConnection | None = None
        self._consumers: int | None = None
        self._gone = False
        """The queue had no consumer, though ours should have been there."""
        self._answered_at = 0.0
        self._idle_probes = 0
        self._starved_since: float | None = None
        """Since when messages have waited and none came, on this connection or earlier ones."""

    def watch(self, connection: pika.SelectConnection) -> None:
        """Probe this connection on a channel of its own, until `forget`."""
        self._connection = connection
        self._drop_unless_answered(connection)
        connection.channel(on_open_callback=self._probe)

    def forget(self) -> None:
        self._connection = None
        self._consumers = None
        self._gone = False
        self._idle_probes = 0

    def check(self) -> str | None:
        """Why our consumer may not be getting messages from the broker, None if it is."""
        if self._consumers is None:
            return f"the broker has not shown our consumer on queue {self._queue} yet"
        if self._gone:
            return f"the broker shows no consumer on queue {self._queue}"
        silent_s = time.monotonic() - self._answered_at
        if silent_s > STALE_S:
            return f"the broker has not answered for {silent_s:.0f} s"
        since = self._starved_since
        starved_s = 0.0 if since is None else time.monotonic() - since
        if starved_s > STANDS_STILL_S:
            return f"stands still: messages wait in queue {self._queue}, and none has come for {starved_s:.0f} s"
        return None

    def _probe(self, channel: Channel) -> None:
        if self._connection is not channel.connection or not channel.is_open:
            return
        consuming = self._consuming()
        self._drop_unless_answered(channel.connection)
        channel.queue_declare(
            self._queue, passive=True, callback=lambda frame: self._seen(channel, frame, consuming=consuming)
        )

    def _drop_unless_answered(self, connection: pika.SelectConnection) -> None:
        asked_at = time.monotonic()

        def look() -> None:
            if self._connection is connection and self._answered_at < asked_at:
                self._drop(f"the broker has not answered for {HANGS_S:.0f} s")

        self._loop.call_later(HANGS_S, look)

    def _seen(self, channel: Channel, frame: Method, *, consuming: bool) -> None:
        if self._connection is not channel.connection:
            return
        consuming = consuming and self._consuming()  # it may have been paused or resumed since the probe was sent
        self._consumers = int(frame.method.consumer_count)
        self._gone = consuming and self._consumers == 0
        if consuming and self._consumers:
            self._on_served(self._consumers)
        self._answered_at = time.monotonic()
        starved = consuming and frame.method.message_count > 0 and self._in_hand() == 0
        self._idle_probes = self._idle_probes + 1 if starved else 0
        self._starved_since = (self._starved_since or time.monotonic()) if starved else None
        if self._gone or self._idle_probes >= IDLE_PROBES:
            self._drop(f"queue {self._queue} does not serve our consumer")
            return
        self._loop.call_later(PROBE_EVERY_S, lambda: self._probe(channel))
