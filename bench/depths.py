"""How many messages wait in the workers' queues, looked at every second while something else is measured."""

import contextlib
import threading
import time

from bench.pipeline import WORKERS
from bench.queues import Queues
from bench.report import slope

EVERY_S = 1.0
DRAWN = 20


class Depths:
    """What a worker has in hand is not among what waits."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._seen: list[tuple[float, dict[str, int]]] = []

    def watch(self, over: threading.Event) -> None:
        started, stopped = time.monotonic(), False
        with contextlib.closing(Queues(self._url)) as queues:
            while not stopped:
                self._seen.append((time.monotonic() - started, {name: queues.ready(name) for name in WORKERS}))
                stopped = over.wait(EVERY_S)

    @property
    def deepest(self) -> int:
        return max((max(depths.values()) for _, depths in self._seen), default=0)

    @property
    def growth_per_min(self) -> float:
        """Of all queues together, by least squares; 0 from fewer than three looks."""
        points = [(at, float(sum(depths.values()))) for at, depths in self._seen]
        return slope(points) * 60 if len(points) > 2 else 0.0

    def drawn(self) -> str:
        """`classifier 0 0 3 …, mover …`: some looks, evenly spread."""
        step = max(1, len(self._seen) // DRAWN)
        return ", ".join(
            " ".join([name, *(str(depths[name]) for _, depths in self._seen[::step])]) for name in WORKERS
        )
