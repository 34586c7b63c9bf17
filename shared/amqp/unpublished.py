"""Remembers which message has waited longest for the broker to take what came of it, and why. Thread-safe."""

import threading
import time
from collections.abc import Callable

from shared.amqp.progress import STANDS_STILL_S


class Unpublished:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since: dict[int, tuple[float, str]] = {}
        """By delivery tag, in the order in which they first failed."""

    def failed(self, tag: int, reason: str) -> None:
        with self._lock:
            since, _ = self._since.get(tag, (self._clock(), ""))
            self._since[tag] = (since, reason)

    def over(self, tag: int) -> None:
        if self._since:
            with self._lock:
                self._since.pop(tag, None)

    def clear(self) -> None:
        with self._lock:
            self._since.clear()

    def check(self) -> str | None:
        """Why the stage stands still, None if it does not."""
        with self._lock:
            since, reason = next(iter(self._since.values()), (self._clock(), ""))
        waited_s = self._clock() - since
        if waited_s <= STANDS_STILL_S:
            return None
        return f"the broker has not taken what came of a message for {waited_s:.0f} s: {reason}"
