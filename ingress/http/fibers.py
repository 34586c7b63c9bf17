"""Requests to waitress as fibers (greenlets) on the thread of its loop: one that waits costs no thread.

On waitress's own threads a webhook is handed over twice, from the loop to a thread and from the publisher back to
it, and that took more time than all the work. A handler that waits for anything but an `event` of these fibers
stops all webhooks.
"""

import heapq
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from greenlet import getcurrent, greenlet
from waitress import wasyncore
from waitress.trigger import trigger

from shared.threads.event import Event

log = logging.getLogger("waitress")


class Fibers:
    """Waitress's task dispatcher, its loop, and the events that a fiber waits for."""

    def __init__(self) -> None:
        self.map: dict[int, Any] = {}
        """Waitress's sockets."""
        self._loop: greenlet | None = None
        self._trigger = trigger(self.map)
        self._new: deque[Any] = deque()
        self._ready: deque[_FiberEvent] = deque()
        self._woken = False
        self._deadlines: list[tuple[float, int, _FiberEvent]] = []
        self._numbers = count()
        self._unanswered = 0
        self._ending = False

    def event(self) -> Event:
        """To wait for from where this is called: a fiber waits without its thread."""
        fiber = getcurrent()
        return _FiberEvent(self, fiber) if isinstance(fiber, _Fiber) else threading.Event()

    def run(self, before_each_turn: Callable[[], float]) -> None:
        """Serve until `end`. Before each turn of the loop, sockets may be closed, and `before_each_turn` says how
        many seconds it may sleep.
        """
        self._loop = getcurrent()
        while not self._ending:
            longest_s = before_each_turn()
            wasyncore.loop(timeout=self._sleep_s(longest_s), use_poll=True, map=self.map, count=1)
            self._woken = False
            self._start_new()
            self._resume_ready()
            self._resume_late()

    def end(self) -> None:
        """Have `run` return. From any thread."""
        self._ending = True
        self._trigger.pull_trigger()

    # ---- what waitress asks of a dispatcher ----

    def add_task(self, task: Any) -> None:
        self._unanswered += 1
        self._new.append(task)  # not now: waitress holds a lock that the task takes

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:  # noqa: FBT001, FBT002 - waitress's
        """Wait for the answers; whether all were given. None is cancelled."""
        del cancel_pending
        deadline = time.monotonic() + timeout
        while self._unanswered and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self._unanswered

    # ---- any thread ----

    def wake(self, event: "_FiberEvent") -> None:
        self._ready.append(event)
        if not self._woken:  # set back before the loop looks at what is ready: none is overlooked
            self._woken = True
            self._trigger.pull_trigger()

    # ---- the loop's thread ----

    def park(self, event: "_FiberEvent", timeout_s: float | None) -> None:
        if timeout_s is not None:
            heapq.heappush(self._deadlines, (time.monotonic() + timeout_s, next(self._numbers), event))
        event.parked = True
        if self._loop is not None:
            self._loop.switch()

    def _sleep_s(self, longest_s: float) -> float:
        if self._new:
            return 0.0
        while self._deadlines and not self._deadlines[0][2].parked:
            heapq.heappop(self._deadlines)
        if not self._deadlines:
            return longest_s
        return min(longest_s, max(0.0, self._deadlines[0][0] - time.monotonic()))

    def _start_new(self) -> None:
        for _ in range(len(self._new)):
            _Fiber(self._serve).switch(self._new.popleft())

    def _serve(self, task: Any) -> None:
        try:
            task.service()
        except Exception:
            log.exception("Exception when servicing %r", task)
        finally:
            self._unanswered -= 1

    def _resume_ready(self) -> None:
        while self._ready:
            self._resume(self._ready.popleft())

    def _resume_late(self) -> None:
        now = time.monotonic()
        while self._deadlines and self._deadlines[0][0] <= now:
            self._resume(heapq.heappop(self._deadlines)[2])

    def _resume(self, event: "_FiberEvent") -> None:
        if event.parked:
            event.parked = False
            event.fiber.switch()


class _Fiber(greenlet):
    pass


class _FiberEvent:
    """As `threading.Event`, for one fiber that waits."""

    __slots__ = ("_fibers", "_set", "fiber", "parked")

    def __init__(self, fibers: Fibers, fiber: _Fiber) -> None:
        self._fibers = fibers
        self._set = False
        self.fiber = fiber
        self.parked = False

    def set(self) -> None:
        self._set = True
        self._fibers.wake(self)

    def wait(self, timeout_s: float | None = None, /) -> bool:
        if not self._set:
            self._fibers.park(self, timeout_s)
        return self._set
