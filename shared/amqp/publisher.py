"""Publishes from any thread, and returns once the broker has confirmed. All callers share one channel."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from shared.amqp.client.loop import AsyncioLoop, LoopThread
from shared.amqp.confirms import PublishError, UnavailableError, UnknownError
from shared.amqp.outbound import Outbound
from shared.amqp.topology import Topology
from shared.runtime.metrics import Metrics
from shared.runtime.settle import EXCHANGE
from shared.threads.event import Event
from shared.wire.message import Publication

MAX_OUTSTANDING = 2048
"""How many publishes may wait for a confirm. Any further call fails at once, so the queue cannot grow without
limit."""


class _Pending:
    """One caller's wait."""

    __slots__ = ("answered", "error", "publication")

    def __init__(self, publication: Publication, answered: Event) -> None:
        self.publication = publication
        self.error: PublishError | None = None
        self.answered = answered

    def settle(self, error: PublishError | None) -> None:
        self.error = error
        self.answered.set()


class Publisher:
    """Start it once. It connects, declares the topology if it may, and reconnects by itself."""

    def __init__(
        self,
        urls: Sequence[str],
        wanted: Topology,
        name: str,
        metrics: Metrics,
        *,
        writes: Sequence[str] = (EXCHANGE,),
        new_event: Callable[[], Event] = threading.Event,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """`writes` are the exchanges it publishes to. `new_event` makes what a caller of `publish` waits for. If
        `loop` is given, it runs on the publisher's thread from `start` to `close`, and its coroutines may call
        `publish_async`.
        """
        self._metrics = metrics
        self._new_event = new_event
        self._thread = LoopThread("amqp-publisher", self._begin, AsyncioLoop(loop) if loop else None)
        self._outbound = Outbound(
            self._thread.loop,
            urls,
            name,
            wanted=wanted,
            writes=writes,
            metrics=metrics,
            on_closed=self._stop_if_asked,
        )
        self._lock = threading.Lock()
        self._queue: deque[_Pending] = deque()
        self._outstanding = 0
        self._stopping = False

    def start(self) -> None:
        self._thread.start()

    def publish(self, publication: Publication, timeout_s: float) -> None:
        """Return when the broker has confirmed it. Repeating is safe: the message keeps its id.

        Raises UnavailableError (not sent), UnknownError (no answer in time, or the connection was lost),
        NackedError, UnroutableError.
        """
        (error,) = self.publish_all([publication], timeout_s)
        if error is not None:
            raise error

    def publish_all(self, publications: Sequence[Publication], timeout_s: float) -> list[PublishError | None]:
        """Send them in this order, all in flight at once. Returns None for each that the broker confirmed, else
        its error.

        `timeout_s` is for all of them together.
        """
        batch = [_Pending(publication, self._new_event()) for publication in publications]
        if fault := self._send(batch):
            return [fault] * len(batch)
        deadline = time.monotonic() + timeout_s
        try:
            return [self._answer(pending, deadline, timeout_s) for pending in batch]
        finally:
            self._forget(len(batch))

    async def publish_async(self, publication: Publication, timeout_s: float) -> None:
        """The same as `publish`, for a coroutine on the publisher's own event loop."""
        with self._lock:
            if fault := self._refusal(1):
                raise fault
            self._outstanding += 1
        answer: asyncio.Future[PublishError | None] = asyncio.get_running_loop().create_future()
        try:
            self._outbound.publish(publication, partial(_settle, answer))
            async with asyncio.timeout(timeout_s):
                error = await answer
        except TimeoutError:
            error = self._no_answer(timeout_s)
        finally:
            self._forget(1)
        if error is not None:
            raise error

    def _send(self, batch: Sequence[_Pending]) -> UnavailableError | None:
        """Pass them to the loop's thread, unless they cannot be sent now. One wake-up serves all that wait."""
        with self._lock:
            if fault := self._refusal(len(batch)):
                return fault
            self._outstanding += len(batch)
            wake = not self._queue
            self._queue.extend(batch)
        if wake:
            self._thread.call(self._send_queued)
        return None

    def _refusal(self, count: int) -> UnavailableError | None:
        """Why `count` messages cannot be sent now, None if they can."""
        fault = self._fault()
        if fault is None:
            return None
        self._metrics.publish_failures.labels(UnavailableError.kind).inc(count)
        return UnavailableError(fault)

    def _forget(self, count: int) -> None:
        with self._lock:
            self._outstanding -= count

    def _no_answer(self, timeout_s: float) -> UnknownError:
        self._metrics.publish_failures.labels(UnknownError.kind).inc()
        return UnknownError(f"no confirm came within {timeout_s:g} s")

    def _answer(self, pending: _Pending, deadline: float, timeout_s: float) -> PublishError | None:
        if pending.answered.wait(max(0.0, deadline - time.monotonic())):
            return pending.error
        return self._no_answer(timeout_s)

    def check(self) -> str | None:
        """Why nothing can be published now, None if it can."""
        with self._lock:
            return self._fault()

    def close(self, timeout_s: float = 5.0) -> None:
        """Stop. Callers that still wait get UnknownError."""
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


def _settle(answer: asyncio.Future[PublishError | None], error: PublishError | None) -> None:
    if not answer.done():
        answer.set_result(error)
