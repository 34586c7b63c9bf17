"""Threads that work on jobs, and hand them back to the loop's thread in batches: one wake-up for many.

A thread is made when a job finds the others busy: a worker that may handle hundreds at once starts with none. Those
that only a burst needed end after it, since each that works now and then keeps memory of its own.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

import structlog

from shared.amqp.loop import LoopThread

BURST_S = 30.0
"""For so long, or up to twice that, as many threads are kept as the most jobs at once have needed."""

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
        self._jobs: SimpleQueue[J] = SimpleQueue()
        self._lock = threading.Lock()
        self._done: deque[J] = deque()
        self._started: dict[int, float] = {}
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
        if wanted:
            self._add_thread()
        self._jobs.put(job)

    def _add_thread(self) -> None:
        with self._lock:
            self._threads += 1
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
        number, needed = threading.get_ident(), True
        while needed:
            job = self._jobs.get()
            started = self._started[number] = time.monotonic()
            self._work(job)
            del self._started[number]
            with self._lock:
                self._unfinished -= 1
                self._done.append(job)
                wake = len(self._done) == 1
                needed = self._is_needed(started)
                self._threads -= not needed
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
