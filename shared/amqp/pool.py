"""Threads that work on jobs, and hand them back to the loop's thread in batches: one wake-up for many.

A thread is made when a job finds the others busy: a worker that may handle hundreds at once starts with none. The
one that worked last gets the next job, so that those that only a burst needed stay idle, and end.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

import structlog

from shared.amqp.loop import LoopThread

IDLE_S = 30.0
"""Then a thread ends: its memory is worth more than the 0.1 ms that another one costs."""

log = structlog.get_logger()

J = TypeVar("J")


class Pool(Generic[J]):
    def __init__(
        self, size: int, thread: LoopThread, *, work: Callable[[J], None], collect: Callable[[J], None]
    ) -> None:
        """`work` runs on a thread of the pool and must not raise; `collect` gets the job on the loop's thread."""
        self._thread = thread
        self._work = work
        self._collect = collect
        self._lock = threading.Lock()
        self._jobs: deque[J] = deque()
        """Those that no thread has taken."""
        self._idle: list[SimpleQueue[J]] = []
        """Where each idle thread waits for a job; the last one worked last."""
        self._done: deque[J] = deque()
        self._started: dict[int, float] = {}
        """Since when each busy thread works on its job, by the thread's ident."""
        self._size = size
        self._threads = 0

    def put(self, job: J) -> None:
        """From the loop's thread."""
        with self._lock:
            if self._idle:
                self._idle.pop().put(job)
                return
            self._jobs.append(job)
            wanted = self._threads < self._size
            self._threads += wanted
        if wanted:
            self._add_thread()

    def _add_thread(self) -> None:
        try:
            threading.Thread(target=self._run, name="handler", daemon=True).start()
        except RuntimeError as error:  # the system, or a container's limit, allows no more
            with self._lock:
                self._threads -= 1
                having = self._threads
            if not having:
                raise
            log.warning("threads.refused", wanted=self._size, having=having, reason=str(error))
            self._size = having

    def longest_s(self) -> float:
        """How long the longest of the jobs under way has taken; 0 if none is."""
        return time.monotonic() - min(self._started.copy().values(), default=time.monotonic())

    def _run(self) -> None:
        ident, mine = threading.get_ident(), SimpleQueue[J]()
        job = self._next(mine)
        while job is not None:
            self._started[ident] = time.monotonic()
            self._work(job)
            del self._started[ident]
            with self._lock:
                self._done.append(job)
                wake = len(self._done) == 1
            if wake:
                self._thread.call(self._hand_back)
            job = self._next(mine)

    def _next(self, mine: SimpleQueue[J]) -> J | None:
        """The oldest job that waits, or the next one that comes; None where the thread is to end."""
        with self._lock:
            if self._jobs:
                return self._jobs.popleft()
            self._idle.append(mine)
        try:
            return mine.get(timeout=IDLE_S)
        except Empty:
            with self._lock:
                if mine in self._idle:
                    self._idle.remove(mine)
                    self._threads -= 1
                    return None
            return mine.get()  # given at the last moment

    def _hand_back(self) -> None:
        with self._lock:
            done, self._done = self._done, deque()
        for job in done:
            self._collect(job)
