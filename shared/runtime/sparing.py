"""Limits log lines that anybody on the network can cause: decides which are written, and writes none."""

import time
from collections.abc import Callable

EVERY_S = 1.0


class Sparing:
    """Thread-safe enough: a race may let two lines through, and the count may be off by one."""

    def __init__(self, every_s: float = EVERY_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s = every_s
        self._clock = clock
        self._next: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def due(self, kind: str) -> int | None:
        """None if a line of this kind is left out now, else how many were left out since the last one."""
        now = self._clock()
        if now < self._next.get(kind, 0.0):
            self._left_out[kind] = self._left_out.get(kind, 0) + 1
            return None
        self._next[kind] = now + self._every_s
        return self._left_out.pop(kind, 0)
