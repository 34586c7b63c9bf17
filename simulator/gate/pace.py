"""How long file operations take: a set time, or the time measured at a real portal."""

import random
from dataclasses import dataclass

FIRST_S = (0.221, 0.467)
"""From the answer to the move until the first file is in its place: median and 95th percentile."""
NEXT_S = 0.15
"""For each further file of the operation, because files are moved one after another."""
END_S = (0.35, 0.75)
"""From the answer until the operation says that it ended. It never says so before its last file is in place."""
BREATH_S = 0.02
SHARE = 0.9
"""The share of a set time after which the last item is done. The operation says a little later that it ended."""


@dataclass(frozen=True)
class Timeline:
    """In how many seconds each item is done, and the operation ends."""

    items_s: tuple[float, ...]
    end_s: float

    @property
    def work_s(self) -> float:
        return self.items_s[-1] if self.items_s else 0.0


def fixed(items: int, whole_s: float) -> Timeline:
    return Timeline(tuple(whole_s * SHARE * (number + 1) / items for number in range(items)), whole_s)


def seen(items: int, factor: float, chance: random.Random) -> Timeline:
    first = chance.uniform(*FIRST_S)
    done = tuple((first + NEXT_S * number) * factor for number in range(items))
    end = chance.uniform(*END_S) * factor
    return Timeline(done, max(end, (done[-1] if done else 0.0) + BREATH_S * factor))
