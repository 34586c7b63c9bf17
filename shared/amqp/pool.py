"""Threads that work on jobs, and hand them back to the loop's thread in batches: one wake-up for many."""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

from shared.amqp.loop import LoopThread

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
        self._threads = [
            threading.Thread(target=self._run, args=(n,), name=f"handler-{n}", daemon=True) for n in range(size)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def put(self, job: J) -> None:
        self._jobs.put(job)

    def longest_s(self) -> float:
        """How long the longest of the jobs under way has taken; 0 if none is."""
        return time.monotonic() - min(self._started.copy().values(), default=time.monotonic())

    def _run(self, number: int) -> None:
        while True:
            job = self._jobs.get()
            self._started[number] = time.monotonic()
            self._work(job)
            del self._started[number]
            with self._lock:
                self._done.append(job)
                wake = len(self._done) == 1
            if wake:
                self._thread.call(self._hand_back)

    def _hand_back(self) -> None:
        with self._lock:
            done, self._done = self._done, deque()
        for job in done:
            self._collect(job)
