"""The retry ladder: how long a message waits, and in which delay queue. Pure."""

import re
from dataclasses import dataclass

PERSON_STEP_S, LATER_STEP_S = 120, 600
"""Between two looks at what waits for a person: a file that is unlocked is filed within two minutes, later in
ten."""
PERSON_PATIENCE_S = 4 * 3600

_UNITS_S = {"h": 3600, "m": 60, "s": 1}
_NAME = re.compile(r"retry\.(\d{1,9})([hms])")


@dataclass(frozen=True, slots=True)
class Ladder:
    """Waits in seconds, rising; the last repeats until a message has waited `max_age_s`."""

    delays_s: tuple[int, ...]
    max_age_s: float

    def step_s(self, attempt: int) -> int:
        """The wait after failed attempt number `attempt` (1 is the first)."""
        return self.delays_s[min(attempt, len(self.delays_s)) - 1]

    def person_step_s(self, attempt: int, waited_s: float) -> int:
        """The wait for what a person must do first: as they do, it is done; not when the ladder comes to it."""
        longest_s = PERSON_STEP_S if waited_s < PERSON_PATIENCE_S else LATER_STEP_S
        return min(self.step_s(attempt), longest_s)

    def hop_s(self, wait_s: float) -> int:
        """The delay queue to wait in next, so that hops of whole steps end no sooner than `wait_s`.

        A queue's wait is fixed, so 100 s is 30 + 30 + 30 + 5 + 5: over the wait by less than the smallest step.
        """
        return max((delay for delay in self.delays_s if delay <= wait_s), default=min(self.delays_s))


def queue_name(delay_s: int) -> str:
    """`retry.5s`, `retry.2m`, `retry.1h`: the delay in the largest unit that divides it."""
    for unit, size_s in (("h", 3600), ("m", 60)):
        if delay_s % size_s == 0:
            return f"retry.{delay_s // size_s}{unit}"
    return f"retry.{delay_s}s"


def delay_s(name: str) -> int | None:
    """Of the delay queue of this name; None where it is the name of none."""
    found = _NAME.fullmatch(name)
    return int(found[1]) * _UNITS_S[found[2]] if found else None
