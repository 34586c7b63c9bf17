"""Threads that work on jobs, and hand them back to the loop's thread in batches: one wake-up for many.

A thread is made when a job finds the others busy: a worker that may handle hundreds at once starts with none. Those
that only a burst needed end after it, since each that works now and then keeps memory of its own.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, NamedTuple, TypeVar

import structlog

from shared.amqp.client.loop import LoopThread
from shared.threads import vital
from shared.threads.vital import Then

BURST_S = 30.0
"""For so long, or up to twice that, as many threads are kept as the most jobs at once have needed."""

REFUSED_S = 5.0
"""Where the system gave no thread, it is asked for the next after so long: others may have ended."""

log = structlog.get_logger()

J = TypeVar("J")


class Longest(NamedTuple, Generic[J]):
    seconds: float
    job: J
    thread: int
    """Its identity, as `threading.get_ident` tells it."""


class Pool(Generic[J]):
    def __init__(
        self, size: int, thread: LoopThread, *, work: Callable[[J], None], collect: Callable[[J], None]
    ) -> None:
        """`work` runs on a thread of the pool; `collect` gets the job on the loop's thread, even if it raised."""
        self._thread = thread
        self._work = work
        self._collect = collect
        self._jobs: SimpleQueue[J] = SimpleQueue()
        self._lock = threading.Lock()
        self._done: deque[J] = deque()
        self._under_way: dict[int, tuple[float, J]] = {}
        self._refused_until = 0.0
        self._size = size
        self._threads = 0
        self._unfinished = 0
        self._most = self._most_before = 0
        """Unfinished jobs at once, in this stretch of BURST_S and in the one before."""
        self._stretch_ends = 0.0

    def put(self, job: J) -> None:
        """From the loop's thread."""
        with self._lock:
            self._unfinished += 1
            self._most = max(self._most, self._unfinished)
            wanted = self._threads < min(self._unfinished, self._size)
        if wanted and (not self._threads or time.monotonic() >= self._refused_until):
            self._add_thread()
        self._jobs.put(job)

    def _add_thread(self) -> None:
        with self._lock:
            self._threads += 1
        try:
            vital.start("handler", self._run, then=Then.RESTART)
        except RuntimeError as error:  # the system, or a container's limit, allows no more now
            with self._lock:
                self._threads -= 1
                having = self._threads
            if not having:
                raise
            log.warning("threads.refused", wanted=self._size, having=having, reason=str(error))
            self._refused_until = time.monotonic() + REFUSED_S

    def longest(self) -> Longest[J] | None:
        """Of the jobs under way the one that takes longest, if any is."""
        under_way = self._under_way.copy()
        if not under_way:
            return None
        thread = min(under_way, key=lambda number: under_way[number][0])
        started, job = under_way[thread]
        return Longest(time.monotonic() - started, job, thread)

    def _run(self) -> None:
        needed = True
        while needed:
            job = self._jobs.get()
            started = time.monotonic()
            self._under_way[threading.get_ident()] = (started, job)
            try:
                self._work(job)
            finally:
                self._finished(job)
            with self._lock:
                needed = self._is_needed(started)
                self._threads -= not needed

    def _finished(self, job: J) -> None:
        del self._under_way[threading.get_ident()]
        with self._lock:
            self._unfinished -= 1
            self._done.append(job)
            wake = len(self._done) == 1
        if wake:
            self._thread.call(self._hand_back)

    def _is_needed(self, now: float) -> bool:
        if now >= self._stretch_ends:
            self._most, self._most_before = self._unfinished, self._most
            self._stretch_ends = now + BURST_S
        return self._threads <= max(self._most, self._most_before, 1)

    def _hand_back(self) -> None:
        with self._lock:
            done, self._done = self._done, deque()
        for job in done:
            self._collect(job)
