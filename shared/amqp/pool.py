"""Threads that work on jobs and return them to the loop's thread in batches, with one wake-up for many.

A thread is started when a job finds all others busy, so a worker that may handle hundreds at once starts with none.
After a burst, the threads that only it needed end, because each idle thread keeps memory.
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
"""How long the threads of a burst are kept: as many as there were jobs at once in this stretch of time and the
one before."""

REFUSED_S = 5.0
"""If the system refused a thread, the next is asked for after this long: others may have ended by then."""

log = structlog.get_logger()

J = TypeVar("J")


class Longest(NamedTuple, Generic[J]):
    seconds: float
    job: J
    thread: int
    """The thread's identity, as `threading.get_ident` returns it."""


class Pool(Generic[J]):
    def __init__(
        self, size: int, thread: LoopThread, *, work: Callable[[J], None], collect: Callable[[J], None]
    ) -> None:
        """`work` runs on a thread of the pool. `collect` is called with the job on the loop's thread, also if
        `work` raised.
        """
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
        """The most unfinished jobs at once, in this stretch of BURST_S and in the one before."""
        self._stretch_ends = 0.0

    def put(self, job: J) -> None:
        """Call it from the loop's thread."""
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
        except RuntimeError as error:  # the system or the container's limit allows no more now
            with self._lock:
                self._threads -= 1
                having = self._threads
            if not having:
                raise
            log.warning("threads.refused", wanted=self._size, having=having, reason=str(error))
            self._refused_until = time.monotonic() + REFUSED_S

    def longest(self) -> Longest[J] | None:
        """The job that has been under way for longest, None if there is none."""
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
