"""Publishes from any thread, and returns once the broker has confirmed. All callers share one pipelined channel."""

import threading
from collections import deque
from collections.abc import Sequence

import pika
from pika.channel import Channel

from shared.amqp.confirms import ConfirmChannel, PublishError, UnavailableError, UnknownError
from shared.amqp.link import Link
from shared.amqp.loop import LoopThread
from shared.amqp.topology import Topology, declare
from shared.message import Publication
from shared.metrics import Metrics

MAX_OUTSTANDING = 2048
"""Publishes waiting for a confirm; more callers than this fail at once instead of queueing without bound."""


class _Pending:
    """One caller's wait."""

    __slots__ = ("answered", "error", "publication")

    def __init__(self, publication: Publication) -> None:
        self.publication = publication
        self.error: PublishError | None = None
        self.answered = threading.Event()

    def settle(self, error: PublishError | None) -> None:
        self.error = error
        self.answered.set()


class Publisher:
    """Start it once; it connects, declares the topology and reconnects by itself."""

    def __init__(self, urls: Sequence[str], wanted: Topology, name: str, metrics: Metrics) -> None:
        self._wanted = wanted
        self._metrics = metrics
        self._thread = LoopThread("amqp-publisher", self._begin)
        self._link = Link(self._thread.loop, urls, name, self._opened, self._lost)
        self._confirms: ConfirmChannel | None = None
        self._lock = threading.Lock()
        self._queue: deque[_Pending] = deque()
        self._woken = False
        self._outstanding = 0
        self._stopping = False
        self.died = self._thread.died

    def start(self) -> None:
        self._thread.start()

    def publish(self, publication: Publication, timeout_s: float) -> None:
        """Return when the broker confirmed it. Safe to repeat: the message keeps its id.

        Raises UnavailableError (not sent), UnknownError (no answer in time, or the connection was lost),
        NackedError, UnroutableError.
        """
        pending = _Pending(publication)
        with self._lock:
            if fault := self._fault():
                raise self._failed(UnavailableError(fault))
            self._outstanding += 1
            self._queue.append(pending)
            wake, self._woken = not self._woken, True
        try:
            if wake:
                self._thread.call(self._send_queued)
            if not pending.answered.wait(timeout_s):
                raise self._failed(UnknownError(f"no confirm came within {timeout_s:g} s"))
        finally:
            with self._lock:
                self._outstanding -= 1
        if pending.error is not None:
            raise self._failed(pending.error)

    def check(self) -> str | None:
        """Why publishing is not possible now, else None."""
        with self._lock:
            return self._fault()

    def close(self, timeout_s: float = 5.0) -> None:
        """Stop; callers that wait are answered UnknownError."""
        self._stopping = True
        self._thread.call(self._close)
        self._thread.join(timeout_s)

    def _fault(self) -> str | None:
        if self._confirms is None:
            return f"no connection to the broker: {self._link.reason}"
        if self._link.blocked:
            return "the broker takes no messages: its memory or disk alarm is on"
        if self._outstanding >= MAX_OUTSTANDING:
            return f"{self._outstanding} messages already wait for the broker's confirm"
        return None

    def _failed(self, error: PublishError) -> PublishError:
        self._metrics.publish_failures.labels(error.kind).inc()
        return error

    # ---- the loop's thread ----

    def _begin(self) -> None:
        self._link.connect()

    def _close(self) -> None:
        self._link.close()
        if self._link.closed:
            self._thread.loop.stop()

    def _opened(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self._channel_opened)

    def _channel_opened(self, channel: Channel) -> None:
        channel.add_on_close_callback(lambda _, error: self._link.drop(f"channel closed: {error}"))

        def ready() -> None:
            with self._lock:
                self._confirms = confirms
            self._link.settled()

        confirms = ConfirmChannel(channel, lambda: declare(channel, self._wanted, ready))

    def _lost(self, reason: str) -> None:
        with self._lock:
            confirms, self._confirms = self._confirms, None
        if confirms is not None:
            self._metrics.connections_lost.labels("publish").inc()
            confirms.lost(reason)
        self._send_queued()
        if self._stopping:
            self._thread.loop.stop()

    def _send_queued(self) -> None:
        with self._lock:
            queued, self._queue, self._woken = self._queue, deque(), False
            confirms = self._confirms
        for pending in queued:
            if confirms is None:
                pending.settle(UnavailableError(f"no connection to the broker: {self._link.reason}"))
            else:
                confirms.publish(pending.publication, pending.settle)
