"""Publishes from any thread, and returns once the broker has confirmed. All callers share one pipelined channel."""

import threading
import time
from collections import deque
from collections.abc import Sequence

from shared.amqp.confirms import PublishError, UnavailableError, UnknownError
from shared.amqp.loop import LoopThread
from shared.amqp.outbound import Outbound
from shared.amqp.topology import Topology
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
        self._metrics = metrics
        self._thread = LoopThread("amqp-publisher", self._begin)
        self._outbound = Outbound(
            self._thread.loop, urls, name, wanted=wanted, metrics=metrics, on_closed=self._stop_if_asked
        )
        self._lock = threading.Lock()
        self._queue: deque[_Pending] = deque()
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
        (error,) = self.publish_all([publication], timeout_s)
        if error is not None:
            raise error

    def publish_all(self, publications: Sequence[Publication], timeout_s: float) -> list[PublishError | None]:
        """Send them in this order, all in flight at once; for each, None once the broker confirmed it.

        `timeout_s` is for all of them together.
        """
        batch = [_Pending(publication) for publication in publications]
        with self._lock:
            if fault := self._fault():
                self._metrics.publish_failures.labels(UnavailableError.kind).inc(len(batch))
                return [UnavailableError(fault)] * len(batch)
            wake = not self._queue
            self._outstanding += len(batch)
            self._queue.extend(batch)
        deadline = time.monotonic() + timeout_s
        try:
            if wake:
                self._thread.call(self._send_queued)
            return [self._answer(pending, deadline, timeout_s) for pending in batch]
        finally:
            with self._lock:
                self._outstanding -= len(batch)

    def _answer(self, pending: _Pending, deadline: float, timeout_s: float) -> PublishError | None:
        if pending.answered.wait(max(0.0, deadline - time.monotonic())):
            return pending.error
        self._metrics.publish_failures.labels(UnknownError.kind).inc()
        return UnknownError(f"no confirm came within {timeout_s:g} s")

    def check(self) -> str | None:
        """Why publishing is not possible now, else None."""
        with self._lock:
            return self._fault()

    def close(self, timeout_s: float = 5.0) -> None:
        """Stop; callers that still wait are answered UnknownError."""
        self._stopping = True
        self._thread.call(self._close)
        self._thread.join(timeout_s)

    def _fault(self) -> str | None:
        if self._outstanding >= MAX_OUTSTANDING:
            return f"{self._outstanding} messages already wait for the broker's confirm"
        return self._outbound.check()

    # ---- the loop's thread ----

    def _begin(self) -> None:
        self._outbound.link.connect()

    def _send_queued(self) -> None:
        with self._lock:
            queued, self._queue = self._queue, deque()
        for pending in queued:
            self._outbound.publish(pending.publication, pending.settle)

    def _close(self) -> None:
        self._outbound.link.close()
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self._stopping and self._outbound.link.closed:
            self._thread.loop.stop()
