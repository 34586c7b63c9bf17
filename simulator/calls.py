"""Counts the API calls as the portal sees them: reads and writes, in all, at once and over a limit."""

import threading
from dataclasses import asdict, dataclass


@dataclass
class Count:
    total: int = 0
    now: int = 0
    most_at_once: int = 0
    refused: int = 0
    """Answered with 429 because of a limit."""


class Calls:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._counts = {"reads": Count(), "writes": Count()}

    def begin(self, method: str) -> None:
        with self._lock:
            count = self._counts[_kind(method)]
            count.total += 1
            count.now += 1
            count.most_at_once = max(count.most_at_once, count.now)

    def refused(self, method: str) -> None:
        with self._lock:
            self._counts[_kind(method)].refused += 1

    def end(self, method: str) -> None:
        with self._lock:
            count = self._counts[_kind(method)]
            count.now = max(0, count.now - 1)  # it may have begun before a reset

    def as_json(self) -> dict[str, dict[str, int]]:
        with self._lock:
            return {kind: asdict(count) for kind, count in self._counts.items()}


def _kind(method: str) -> str:
    return "reads" if method in {"GET", "HEAD"} else "writes"
