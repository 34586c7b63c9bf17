"""Decides how long a call takes: no time, or the time measured at a real portal, with two calls at once."""

import random
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

WORKERS = 2
"""How many calls are worked on at once. Others wait."""

SEEN_MS: tuple[tuple[str, re.Pattern[str], tuple[float, float]], ...] = (
    ("GET", re.compile(r"files/file/[^/]+"), (74, 100)),
    ("GET", re.compile(r"files/folder/[^/]+(/path)?"), (59, 72)),
    ("GET", re.compile(r"files/fileops(/[^/]+)?"), (33, 42)),
    ("GET", re.compile(r"keys/@self"), (74, 88)),
    ("GET", re.compile(r"people/.+"), (48, 54)),
    ("GET", re.compile(r"settings"), (5, 12)),
    ("GET", re.compile(r"settings/webhooks/log"), (70, 154)),
    ("PUT", re.compile(r"files/fileops/move"), (81, 104)),
)
"""Median and 95th percentile, measured on an idle server with two cores. Other routes take OTHER_MS."""
OTHER_MS = (74.0, 100.0)
PAGE = re.compile(r"files/(rooms|\d+|[^/]*-[^/]*)")
PAGE_MS = ((1, 84, 101), (10, 139, 163), (25, 252, 567), (100, 571, 742))
"""Median and 95th percentile by `count`. Values between are interpolated."""
DEEP_MS = (403.0, 615.0)
"""A page of 100 files from all depths."""


def seen_ms(method: str, route: str, params: Mapping[str, object]) -> tuple[float, float]:
    """Median and 95th percentile of a call. `route` is what follows `/api/2.0/`."""
    if method == "GET" and PAGE.fullmatch(route):
        count = _count(params)
        if params.get("filterType") and str(params.get("withSubFolders")).casefold() == "true":
            return _on_the_line(count, ((1, 84, 101), (100, *DEEP_MS)))
        return _on_the_line(count, PAGE_MS)
    return next((ms for verb, path, ms in SEEN_MS if verb == method and path.fullmatch(route)), OTHER_MS)


def _count(params: Mapping[str, object]) -> int:
    try:
        return max(1, min(100, int(str(params.get("count") or 100))))
    except ValueError:
        return 100


def _on_the_line(count: int, points: tuple[tuple[float, float, float], ...]) -> tuple[float, float]:
    low = max((point for point in points if point[0] <= count), key=lambda point: point[0])
    high = min((point for point in points if point[0] >= count), key=lambda point: point[0])
    share = (count - low[0]) / (high[0] - low[0]) if high[0] > low[0] else 0.0
    return low[1] + share * (high[1] - low[1]), low[2] + share * (high[2] - low[2])


@dataclass(frozen=True)
class Place:
    """The place of a call that is being worked on."""

    began: float


class Latencies:
    """Each call that enters must leave. `busy_s` is the sum of all working time, without waiting."""

    def __init__(self, *, seen: bool, factor: float = 1.0, chance: random.Random | None = None) -> None:
        self._seen = seen
        self._factor = factor
        self._chance = chance or random.Random()  # noqa: S311 - nothing secret hangs on it
        self._turns = threading.Semaphore(WORKERS)
        self._lock = threading.Lock()
        self._requests_s = 0.0
        self._operations_s = 0.0

    def enter(self, method: str, route: str, params: Mapping[str, object]) -> Place:
        if not self._seen:
            return Place(time.monotonic())
        self._turns.acquire()
        place = Place(time.monotonic())
        time.sleep(self._chance.uniform(*seen_ms(method, route, params)) / 1000 * self._factor)
        return place

    def leave(self, place: Place) -> None:
        if self._seen:
            self._turns.release()
        with self._lock:
            self._requests_s += time.monotonic() - place.began

    def worked(self, seconds: float) -> None:
        """Count working time of a file operation."""
        with self._lock:
            self._operations_s += seconds

    def reset(self) -> None:
        with self._lock:
            self._requests_s = self._operations_s = 0.0

    def as_json(self) -> dict[str, float]:
        with self._lock:
            return {"requests": round(self._requests_s, 3), "operations": round(self._operations_s, 3)}
