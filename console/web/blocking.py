"""Runs what blocks (database, broker, templates) on few threads, with a time limit, beside the server's loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from console.web.site import RefusedError

R = TypeVar("R")

THREADS = 8
WAITING = 64
"""Who comes when so many wait is told to come again."""
LIMIT_S = 15.0
"""Longer than a connection to a database that is away takes to fail."""
UNAVAILABLE = 503


class Pool:
    """For one event loop."""

    def __init__(self, threads: int = THREADS, waiting: int = WAITING, limit_s: float = LIMIT_S) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="web")
        self._most = threads + waiting
        self._limit_s = limit_s
        self._in_hand = 0

    async def run(self, work: Callable[[], R]) -> R:
        """RefusedError where too many wait, or it takes too long.

        A thread whose time is over stays taken until its work ends.
        """
        if self._in_hand >= self._most:
            raise RefusedError(UNAVAILABLE, "too many requests at once: try again in some seconds")
        self._in_hand += 1
        future = asyncio.get_running_loop().run_in_executor(self._executor, work)
        future.add_done_callback(self._ended)
        done, _ = await asyncio.wait([future], timeout=self._limit_s)
        if not done:
            raise RefusedError(UNAVAILABLE, f"no answer in {self._limit_s:.0f} s: try again later")
        return future.result()

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _ended(self, future: asyncio.Future[R]) -> None:
        self._in_hand -= 1
        if not future.cancelled():
            future.exception()  # of one that nobody waits for any more: it was said that it takes too long
