"""Counts the portal's API calls: reads and writes in total, at once and refused, and calls by route."""

import threading
from collections import Counter
from dataclasses import asdict, dataclass


@dataclass
class Count:
    total: int = 0
    now: int = 0
    most_at_once: int = 0
    refused: int = 0
    """Calls that were answered with 429 because of a limit."""


class Calls:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._counts = {"reads": Count(), "writes": Count()}
            self._routes: Counter[str] = Counter()

    def begin(self, method: str) -> None:
        with self._lock:
            count = self._counts[_kind(method)]
            count.total += 1
            count.now += 1
            count.most_at_once = max(count.most_at_once, count.now)

    def routed(self, method: str, template: str) -> None:
        """`template` is the route with names in place of ids."""
        with self._lock:
            self._routes[f"{method} {template}"] += 1

    def routes(self) -> dict[str, int]:
        with self._lock:
            return dict(self._routes)

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
