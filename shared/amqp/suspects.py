"""Decides when to handle messages that came back without an answer: one of them may kill the worker. Pure.

A crash counts as a delivery for every message in hand. So a message that kills its worker could take healthy ones
along to the delivery limit. To prevent this, a suspect is handled only while no other message that was delivered
before is in hand. The suspects with the fewest deliveries come first, in random order among equals. The more often
they came back, the fewer are handled at once. A healthy message may then be in hand during a few crashes of others,
and the killer alone reaches the limit. They are not handled one by one from the start, because two restarts make
suspects of everything that a worker had in hand.
"""

import heapq
import random
from itertools import count
from typing import Generic, TypeVar

SUSPECT_AFTER = 2
"""This many deliveries without an answer make a message a suspect. A single one may come from any restart."""

TOGETHER = {2: 64, 3: 16, 4: 4}
"""How many suspects are handled at once, by their deliveries without an answer. With more deliveries, each is
handled alone."""

J = TypeVar("J")


class Suspects(Generic[J]):
    """Jobs in hand, by the number of deliveries that the broker counted."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, float, int, J]] = []
        self._numbers = count()
        self._returned = 0
        self._running = 0

    def __len__(self) -> int:
        """Suspects that wait for their turn."""
        return len(self._waiting)

    def take_in(self, job: J, delivery_count: int) -> bool:
        """True if the job must wait until `next` returns it. Every job that is taken in must be passed to
        `finish` later.
        """
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
        """A suspect to handle now, None if there is none. Call it again, as there may be more."""
        if self._returned or not self._waiting:
            return None
        deliveries = self._waiting[0][0]
        if self._running >= TOGETHER.get(deliveries, 1):
            return None
        self._running += 1
        return heapq.heappop(self._waiting)[-1]
