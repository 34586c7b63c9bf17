"""When a person may next be told, held to a plain model that walks a clock minute by minute."""

import functools
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.due import due_at
from shared.rules.digest import AtMostEvery, AtOnce, AtTimes, digest
from shared.rules.file import parse_rules
from shared.rules.hours import DAYS, Hours
from shared.rules.telling import Telling, deputy_of

DAY_MINUTES = 24 * 60
BACK, AHEAD = timedelta(days=5), timedelta(days=20)
AROUND = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Santiago", date(2026, 4, 5)),  # at midnight, to the evening before
    ("America/Santiago", date(2026, 9, 6)),  # a day that begins at 01:00
    ("Pacific/Auckland", date(2026, 9, 27)),
    ("Asia/Kolkata", date(2028, 2, 29)),
    ("UTC", date(2028, 2, 29)),
]


@dataclass(frozen=True)
class Part:
    """As a person means it: on which weekdays, from which minute of the day to which."""

    days: tuple[int, int]
    begin: int
    end: int

    def __str__(self) -> str:
        first, last = (DAYS[day] for day in self.days)
        return f"{first}-{last} {clock(self.begin)}-{clock(self.end)}"

    @property
    def weekdays(self) -> set[int]:
        found, day = {self.days[0]}, self.days[0]
        while day != self.days[1]:
            day = (day + 1) % 7
            found.add(day)
        return found


class Walk:
    """Each minute around a day, with what a clock on the wall shows then."""

    def __init__(self, zone: str, day: date) -> None:
        noon = datetime.combine(day, time(12), UTC)
        self.first = (noon - BACK).timestamp()
        minutes = range(int((BACK + AHEAD).total_seconds()) // 60)
        shown = [
            datetime.fromtimestamp(self.first + 60 * minute, ZoneInfo(zone)).replace(tzinfo=None)
            for minute in minutes
        ]
        self.highest = list(accumulate(shown, max))
        self.days = [day + timedelta(days=number) for number in range(-4, 19)]

    def shows(self, day: date, minute: int) -> float:
        """When the clock first shows this minute of the day, or a later one."""
        wanted = datetime.combine(day, time()) + timedelta(minutes=minute)
        return self.first + 60 * bisect_left(self.highest, wanted)

    def openings(self, parts: tuple[Part, ...]) -> Iterator[tuple[float, float]]:
        for day in self.days:
            for part in parts:
                if day.weekday() in part.weekdays:
                    ends = part.end if part.end > part.begin else part.end + DAY_MINUTES
                    yield self.shows(day, part.begin), self.shows(day, ends)

    def minutes_from(self, start: float) -> Iterator[float]:
        return (start + 60 * minute for minute in range(AHEAD.days * DAY_MINUTES))


walk = functools.cache(Walk)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


minutes = st.integers(0, DAY_MINUTES - 1)
in_the_night = st.integers(0, 4 * 60)
"""When clocks are changed."""
some_minute = minutes | in_the_night
parts = st.builds(Part, st.tuples(st.integers(0, 6), st.integers(0, 6)), some_minute, some_minute).filter(
    lambda part: part.begin != part.end
)
some_hours = st.lists(parts, min_size=1, max_size=3).map(tuple)
whens = st.tuples(st.sampled_from(AROUND), st.integers(-2 * DAY_MINUTES, 2 * DAY_MINUTES))


def at(around: tuple[str, date], minute: int) -> float:
    return datetime.combine(around[1], time(), ZoneInfo(around[0])).timestamp() // 60 * 60 + 60 * minute


def first_open(walked: Walk, start: float, hours: tuple[Part, ...]) -> float:
    open_ = [(begin, end) for begin, end in walked.openings(hours) if begin < end and start < end]
    return next(now for now in walked.minutes_from(start) if any(begin <= now < end for begin, end in open_))


def hours_of(parts: tuple[Part, ...]) -> Hours:
    return Hours.parse(", ".join(map(str, parts)))


@settings(max_examples=40)
@given(whens, some_hours)
def test_at_once_is_the_first_open_minute(when, hours) -> None:
    around, minute = when
    now = at(around, minute)
    expected = first_open(walk(*around), now, hours)
    assert due_at(now, AtOnce(), hours_of(hours), around[0], None) == (None if expected == now else expected)


@settings(max_examples=40)
@given(whens, some_hours, st.integers(-3 * 60, 3 * DAY_MINUTES))
def test_at_most_every_waits_for_quiet_and_for_the_hours(when, hours, quiet_minutes) -> None:
    around, minute = when
    now = at(around, minute)
    quiet = now + 60 * quiet_minutes
    expected = first_open(walk(*around), max(now, quiet), hours)
    due = due_at(now, AtMostEvery(900), hours_of(hours), around[0], quiet)
    assert due == (None if expected == now else expected)


@settings(max_examples=40)
@given(whens, st.sets(some_minute, min_size=1, max_size=3))
def test_at_times_is_the_next_minute_that_shows_one(when, times) -> None:
    around, minute = when
    now, walked = at(around, minute), walk(*around)
    shown = {walked.shows(day, wanted) for day in walked.days for wanted in times}
    expected = next(then for then in walked.minutes_from(now + 60) if then in shown)
    assert due_at(now, digest([clock(each) for each in times]), None, around[0], now + 1e9) == expected


@settings(max_examples=40)
@given(whens, st.sets(some_minute, min_size=1, max_size=2), some_hours)
def test_at_times_within_hours_else_at_the_next_opening(when, times, hours) -> None:
    around, minute = when
    now, walked = at(around, minute), walk(*around)
    open_ = list(walked.openings(hours))
    shown = {walked.shows(day, wanted) for day in walked.days for wanted in times}
    within = {then for then in shown if any(begin <= then < end for begin, end in open_)}
    begins = {begin for begin, end in open_ if begin < end}
    later = walked.minutes_from(now + 60)
    two_weeks = [then for then in later if then < now + 13 * DAY_MINUTES * 60]
    expected = next((then for then in two_weeks if then in within), None) or next(
        then for then in two_weeks if then in begins
    )
    assert due_at(now, digest([clock(each) for each in times]), hours_of(hours), around[0], None) == expected


@given(some_hours)
def test_hours_and_digests_are_read_back_as_they_are_told(hours) -> None:
    told = hours_of(hours)
    assert Hours.parse(str(told)) == told


@given(st.integers(1, 86_400))
def test_a_digest_is_read_back_as_it_is_told(seconds) -> None:
    assert digest(str(AtMostEvery(seconds))) == AtMostEvery(seconds)


def berlin(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp()


@pytest.mark.parametrize(
    ("often", "hours", "now", "expected"),
    [
        ("at once", None, "2026-11-28T23:00", None),
        ("at once", "Mon-Fri 08:00-18:00", "2026-11-27T17:59", None),
        ("at once", "Mon-Fri 08:00-18:00", "2026-11-27T18:00", "2026-11-30T08:00"),
        ("at once", "Fri-Sat 22:00-06:00", "2026-11-29T05:59", None),
        ("at once", "Fri-Sat 22:00-06:00", "2026-11-29T06:00", "2026-12-04T22:00"),
        ("at once", "Sat 00:00-24:00", "2026-11-28T23:59", None),
        ("08:00, 13:00", None, "2026-11-27T08:00", "2026-11-27T13:00"),
        ("08:00, 13:00", "Mon-Fri 08:00-18:00", "2026-11-27T14:00", "2026-11-30T08:00"),
        ("20:00", "Mon-Fri 08:00-18:00", "2026-11-27T14:00", "2026-11-30T08:00"),
        ("02:30", None, "2026-03-29T01:00", "2026-03-29T03:00"),
        ("at once", "Sun 02:15-02:45", "2026-03-28T12:00", "2026-04-05T02:15"),
    ],
)
def test_examples_that_people_know(often, hours, now, expected) -> None:
    open_ = Hours.parse(hours) if hours else None
    wanted = None if expected is None else berlin(expected)
    assert due_at(berlin(now), digest(often), open_, "Europe/Berlin", None) == wanted


def test_a_time_of_the_hour_that_comes_twice_is_its_first() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    often = AtTimes((time(2, 30),))
    assert due_at(first.timestamp() - 60, often, None, "Europe/Berlin", None) == first.timestamp()
    again = first.replace(fold=1).timestamp() - 60
    assert due_at(again, often, None, "Europe/Berlin", None) == berlin("2026-10-26T02:30")


def test_what_becomes_due_late_in_the_open_hours_waits_for_the_next_ones() -> None:
    hours, now = Hours.parse("Mon-Fri 08:00-18:00"), berlin("2026-11-27T17:50")
    assert due_at(now, AtMostEvery(900), hours, "Europe/Berlin", now + 900) == berlin("2026-11-30T08:00")


def test_a_recipient_who_changes_zone_is_told_by_the_new_clock() -> None:
    text = """
    [[rule]]
    name = "acme"
    rooms = [1]
    destination = 2
    recipients = ["anna@example.com"]
    timezone = "Europe/Berlin"
    digest = ["08:00"]
    """
    moved = text + '[[recipient]]\naddress = "anna@example.com"\ntimezone = "America/New_York"\n'
    due = []
    for rules in (text, moved):
        told = parse_rules(rules.encode(), "rules.toml").telling("acme", "anna@example.com")
        assert told.digest is not None
        due.append(due_at(berlin("2026-11-27T07:00"), told.digest, told.hours, told.timezone or "", None))
    assert due == [berlin("2026-11-27T08:00"), berlin("2026-11-27T14:00")]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-12-24T12:00", "ben@example.com"),
        ("2026-12-24T23:59:59.9", "ben@example.com"),
        ("2026-12-25T00:00", "anna@example.com"),
    ],
)
def test_a_deputy_is_told_until_the_end_of_their_last_day(now, told) -> None:
    away = Telling(timezone="Pacific/Auckland", deputy="ben@example.com", deputy_until=date(2026, 12, 24))
    moment = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Pacific/Auckland")).timestamp()
    assert deputy_of("anna@example.com", away, moment) == told
    assert deputy_of("anna@example.com", Telling(timezone="Pacific/Auckland"), moment) == "anna@example.com"
