"""Messages that came back again and again without an answer: one of them may kill the worker. Pure.

A crash counts as a delivery for every message in hand, so a message that kills its worker could take healthy ones
along to the delivery limit. Hence: a suspect is handled only when no other message that was delivered before is in
hand, the least suspicious first, at random among equals, and the fewer together the more often they came back. A
healthy one is then hit a few times by the crash of another before it is handled, and the killer alone reaches the
limit. Not one at a time from the start: two restarts make suspects of all that a worker had in hand.
"""

import heapq
import random
from itertools import count
from typing import Generic, TypeVar

SUSPECT_AFTER = 2
"""Deliveries without an answer. One may be anybody's restart."""

TOGETHER = {2: 64, 3: 16, 4: 4}
"""How many suspects are handled at once, by their deliveries without an answer; beyond, each is alone."""

J = TypeVar("J")


class Suspects(Generic[J]):
    """Jobs in hand, by what the broker says of them."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, float, int, J]] = []
        self._numbers = count()
        self._returned = 0
        self._running = 0

    def __len__(self) -> int:
        """Those that wait for their turn."""
        return len(self._waiting)

    def take_in(self, job: J, delivery_count: int) -> bool:
        """True if the job must wait for `next`; every job that is taken in is given back to `finish`."""
        if delivery_count >= SUSPECT_AFTER:
            tie = next(self._numbers)
            heapq.heappush(self._waiting, (delivery_count, random.random(), tie, job))  # noqa: S311 - no secret
            return True
        self._returned += delivery_count > 0
        return False

    def finish(self, delivery_count: int) -> None:
        if delivery_count >= SUSPECT_AFTER:
            self._running -= 1
        else:
            self._returned -= delivery_count > 0

    def next(self) -> J | None:
        """A suspect whose turn it is now, if any; there may be more."""
        if self._returned or not self._waiting:
            return None
        deliveries = self._waiting[0][0]
        if self._running >= TOGETHER.get(deliveries, 1):
            return None
        self._running += 1
        return heapq.heappop(self._waiting)[-1]
