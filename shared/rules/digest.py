"""How often a person is told: at once, at most every so often, or at fixed times of the day. Values; pure."""

import re
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

UNIT_S = {"second": 1, "minute": 60, "hour": 3_600}
MOST_S = 24 * 3_600
"""What is told less than daily is told at a time of the day."""

_EVERY = re.compile(r"every (?:(?P<count>[0-9]{1,6}) )?(?P<unit>second|minute|hour)s?")
_TIME = re.compile(r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})")
_WRITE = 'write "at once", "every 15 minutes" or times such as ["08:00", "13:00"]'


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Each invoice by itself."""

    def __str__(self) -> str:
        return "at once"


@dataclass(frozen=True, slots=True)
class AtMostEvery:
    """The first at once, then at most every so often."""

    seconds: int

    def __str__(self) -> str:
        unit, length = next(
            (unit, length) for unit, length in reversed(UNIT_S.items()) if self.seconds % length == 0
        )
        count = self.seconds // length
        return f"every {count} {unit}{'' if count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class AtTimes:
    """At these times of the day by the clock of who is told."""

    times: tuple[time, ...]
    """In their order, each once."""

    def __str__(self) -> str:
        return ", ".join(f"{at:%H:%M}" for at in self.times)


Digest = AtOnce | AtMostEvery | AtTimes


def digest(written: object) -> Digest:
    """Of a text or a list of times; what a digest says as a text is read again as the same one.

    ValueError says in one sentence what is wrong.
    """
    if isinstance(written, AtOnce | AtMostEvery | AtTimes):
        return written
    if isinstance(written, list | tuple):
        return _at_times(written)
    if not isinstance(written, str):
        raise ValueError(f"is neither a text nor a list of times; {_WRITE}")  # noqa: TRY004 - what pydantic tells of
    text = " ".join(written.casefold().split())
    if text == "at once":
        return AtOnce()
    if every := _EVERY.fullmatch(text):
        return _at_most(int(every["count"] or 1) * UNIT_S[every["unit"]], written)
    if ":" in text:
        return _at_times(text.split(","))
    raise ValueError(f'"{written}" is no digest; {_WRITE}')


def clock_time(written: str) -> time:
    """Such as `8:00` or `08:00`; ValueError says what is wrong."""
    found = _TIME.fullmatch(written.strip())
    if found is None or int(found["hour"]) >= 24 or int(found["minute"]) >= 60:  # noqa: PLR2004 - a day's, an hour's
        raise ValueError(f'"{written.strip()}" is no time of the day; write one such as "08:00"')
    return time(int(found["hour"]), int(found["minute"]))


def _at_most(seconds: int, written: str) -> AtMostEvery:
    if not 0 < seconds <= MOST_S:
        raise ValueError(f'"{written}" is not from 1 second to 24 hours; for less often name times, as ["08:00"]')
    return AtMostEvery(seconds)


def _at_times(written: list[object] | tuple[object, ...] | list[str]) -> AtTimes:
    if not written:
        raise ValueError(f"is an empty list; {_WRITE}")
    if not all(isinstance(each, str) for each in written):
        raise ValueError('is a list of other things than texts; write times such as ["08:00", "13:00"]')
    times = sorted(clock_time(str(each)) for each in written)
    if twice := next((first for first, second in pairwise(times) if first == second), None):
        raise ValueError(f"names {twice:%H:%M} twice")
    return AtTimes(tuple(times))
