"""When a person may be told, by their own clock: `Mon-Fri 08:00-18:00, Sat 09:00-12:00`. Values; pure.

A time of a day begins at the moment at which a clock there first shows it, or a later one: the hour that is skipped
when clocks go forward is the moment at which they do, and of the hour that comes twice the first counts.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.rules.digest import clock_time

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK = len(DAYS)

_PART = re.compile(r"(?:(?P<days>[A-Za-z]+(?: ?- ?[A-Za-z]+)?) )?(?P<begin>\d+:\d+) ?- ?(?P<end>\d+:\d+)", re.ASCII)
_WRITE = 'write such as "Mon-Fri 08:00-18:00"'


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of the week, and from when to when on each."""

    first_day: int
    """Monday is 0."""
    last_day: int
    """Before the first: over Sunday."""
    begin: time
    end: time
    """Midnight is that at the day's end. Not after the beginning: on the next day."""

    def begins_on(self, day: date) -> bool:
        return (day.weekday() - self.first_day) % WEEK <= (self.last_day - self.first_day) % WEEK

    def on(self, day: date, zone: ZoneInfo) -> tuple[float, float]:
        """From when to when it is open that begins on this day, in seconds since the epoch."""
        last = day + timedelta(days=1) if self.end <= self.begin else day
        return first_shown(day, self.begin, zone), first_shown(last, self.end, zone)

    def __str__(self) -> str:
        first, last = DAYS[self.first_day], DAYS[self.last_day]
        days = first if first == last else f"{first}-{last}"
        return f"{days} {self.begin:%H:%M}-{'24:00' if self.end == time() else f'{self.end:%H:%M}'}"


@dataclass(frozen=True, slots=True)
class Hours:
    spans: tuple[Span, ...]

    @classmethod
    def parse(cls, written: object) -> "Hours":
        """What hours say as a text is read again as the same. ValueError says in one sentence what is wrong."""
        if isinstance(written, Hours):
            return written
        if not isinstance(written, str):
            raise ValueError(f"is no text; {_WRITE}")  # noqa: TRY004 - what pydantic tells of
        return cls(tuple(_span(" ".join(part.split())) for part in written.split(",")))

    def open_at(self, local: datetime) -> bool:
        """`local` knows its zone, a ZoneInfo."""
        zone, now = _zone(local), local.timestamp()
        return any(begin <= now < end for begin, end in self._around(local.date(), zone, days=1))

    def opening(self, after: float, zone: ZoneInfo) -> float:
        """The first moment after this one, in seconds since the epoch, at which they begin to be open."""
        today = datetime.fromtimestamp(after, zone).date()
        weeks = 1
        while True:  # of a week, one in which the clocks are changed may have none
            found = [begin for begin, end in self._around(today, zone, weeks * WEEK) if after < begin < end]
            if found:
                return min(found)
            weeks += 1

    def _around(self, day: date, zone: ZoneInfo, days: int) -> Iterator[tuple[float, float]]:
        """From a day before: that is when those begin that end today."""
        for number in range(-1, days + 1):
            begins = day + timedelta(days=number)
            yield from (span.on(begins, zone) for span in self.spans if span.begins_on(begins))

    def __str__(self) -> str:
        return ", ".join(map(str, self.spans))


def first_shown(day: date, at: time, zone: ZoneInfo) -> float:
    """When a clock first shows this time of this day, or a later one, in seconds since the epoch."""
    local = datetime.combine(day, at, zone)
    early, late = sorted((local.timestamp(), local.replace(fold=1).timestamp()))
    if datetime.fromtimestamp(early, zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return early
    # the clock skips it: `early` is before the change, `late` after it
    first, last = int(early), int(late)
    return first + bisect_left(range(first, last), zone_offset(late, zone), key=lambda at: zone_offset(at, zone))


def zone_offset(at: float, zone: ZoneInfo) -> timedelta:
    return datetime.fromtimestamp(at, zone).utcoffset() or timedelta()


def _zone(local: datetime) -> ZoneInfo:
    if not isinstance(local.tzinfo, ZoneInfo):
        raise TypeError("hours are asked of a moment in a ZoneInfo")
    return local.tzinfo


def _span(part: str) -> Span:
    found = _PART.fullmatch(part)
    if found is None:
        raise ValueError(f'"{part}" is no hours; {_WRITE}')
    days = [_day(name.strip()) for name in (found["days"] or "Mon-Sun").split("-")]
    begin = clock_time(found["begin"])
    end = time() if found["end"] == "24:00" else clock_time(found["end"])
    if begin == end and found["end"] != "24:00":
        raise ValueError(f'"{part}" begins and ends at the same time; the whole day is "00:00-24:00"')
    return Span(days[0], days[-1], begin, end)


def _day(name: str) -> int:
    if name.capitalize() not in DAYS:
        raise ValueError(f'"{name}" is no day of the week; it is one of {", ".join(DAYS)}')
    return DAYS.index(name.capitalize())
