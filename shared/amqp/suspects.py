"""Messages that came back again and again without an answer: one of them may kill the worker. Pure.

A crash counts as a delivery for every message in hand, so a message that kills its worker could take healthy ones
along to the delivery limit. Hence: a suspect is handled only when no other message that was delivered before is in
hand, one at a time, the least suspicious first, and at random among equals. A healthy one is then hit once or twice
by the crash of another before it is handled, and the killer alone reaches the limit.
"""

import random
from typing import Generic, TypeVar

SUSPECT_AFTER = 2
"""Deliveries without an answer. One may be anybody's restart."""

J = TypeVar("J")


class Suspects(Generic[J]):
    """Jobs in hand, by what the broker says of them."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, float, J]] = []
        self._returned = 0
        self._running = False

    def __len__(self) -> int:
        """Those that wait for their turn."""
        return len(self._waiting)

    def take_in(self, job: J, delivery_count: int) -> bool:
        """True if the job must wait for `next`; every job that is taken in is given back to `finish`."""
        if delivery_count >= SUSPECT_AFTER:
            self._waiting.append((delivery_count, random.random(), job))  # noqa: S311 - a tie, no secret
            return True
        self._returned += delivery_count > 0
        return False

    def finish(self, delivery_count: int) -> None:
        if delivery_count >= SUSPECT_AFTER:
            self._running = False
        else:
            self._returned -= delivery_count > 0

    def next(self) -> J | None:
        """The suspect whose turn it is now, if any."""
        if self._running or self._returned or not self._waiting:
            return None
        self._running = True
        chosen = min(self._waiting, key=lambda entry: entry[:2])
        self._waiting.remove(chosen)
        return chosen[2]
