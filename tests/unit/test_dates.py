"""Days and times as a person types them, in a zone: also on the days on which its clock is changed."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from console.history.dates import begin, clock, end, moment, named_day, zone_name

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 30, 15, 0, tzinfo=BERLIN).timestamp()


def utc(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("friday", "2026-11-26 23:00", "2026-11-27 23:00"),
        ("Fri", "2026-11-26 23:00", "2026-11-27 23:00"),
        ("monday", "2026-11-29 23:00", "2026-11-30 23:00"),
        ("tuesday", "2026-11-23 23:00", "2026-11-24 23:00"),
        ("today", "2026-11-29 23:00", "2026-11-30 23:00"),
        ("yesterday", "2026-11-28 23:00", "2026-11-29 23:00"),
        ("2026-07-01", "2026-06-30 22:00", "2026-07-01 22:00"),
        ("yesterday 17:00", "2026-11-29 16:00", "2026-11-29 16:00"),
        ("2026-11-27T9:30", "2026-11-27 08:30", "2026-11-27 08:30"),
        ("friday 17:00", "2026-11-27 16:00", "2026-11-27 16:00"),
        ("2h", "2026-11-30 12:00", "2026-11-30 12:00"),
        ("7d", "2026-11-23 14:00", "2026-11-23 14:00"),
        ("14:30", "2026-11-30 13:30", "2026-11-30 13:30"),
    ],
)
def test_a_day_is_from_its_midnight_to_the_next_in_the_zone(text: str, since: str, until: str) -> None:
    assert (utc(begin(text, MONDAY, BERLIN)), utc(end(text, MONDAY, BERLIN))) == (since, until)


def test_from_a_time_of_day_that_has_not_come_yet_means_yesterdays() -> None:
    assert utc(begin("17:00", MONDAY, BERLIN)) == "2026-11-29 16:00"
    assert utc(end("17:00", MONDAY, BERLIN)) == "2026-11-30 16:00"


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-24", 24)],
    ids=["spring", "autumn", "usual"],
)
def test_a_day_on_which_the_clock_is_changed_is_taken_whole(day: str, hours: int) -> None:
    assert end(day, MONDAY, BERLIN) - begin(day, MONDAY, BERLIN) == hours * 3600


def test_an_hour_that_comes_twice_is_taken_from_its_first_and_until_its_second_time() -> None:
    assert utc(begin("2026-10-25 02:30", MONDAY, BERLIN)) == "2026-10-25 00:30"
    assert utc(end("2026-10-25 02:30", MONDAY, BERLIN)) == "2026-10-25 01:30"


def test_an_hour_that_does_not_come_leaves_nothing_out() -> None:
    change = datetime(2026, 3, 29, 1, 0, tzinfo=UTC).timestamp()
    assert begin("2026-03-29 02:30", MONDAY, BERLIN) <= change <= end("2026-03-29 02:30", MONDAY, BERLIN)


def test_where_the_clock_is_changed_at_midnight_the_day_begins_with_the_change() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    assert utc(begin("2026-03-29", MONDAY, beirut)) == utc(end("2026-03-28", MONDAY, beirut)) == "2026-03-28 22:00"
    assert end("2026-03-29", MONDAY, beirut) - begin("2026-03-29", MONDAY, beirut) == 23 * 3600


@pytest.mark.parametrize(
    "text",
    ["", "fryday", "25:00", "2026-13-01", "2026-02-30", "17:00 friday", "friday friday", "0001-01-01",
     "10000-01-01", "9h30", "1 2"],
)  # fmt: skip
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    for names in (begin, end):
        with pytest.raises(ValueError, match="is no time: friday, yesterday"):
            names(text, MONDAY, BERLIN)


def test_a_word_of_a_search_is_a_day_only_written_out() -> None:
    days = ["friday", "Monday", "yesterday", "2026-11-27"]
    assert [word for word in [*days, "sun", "fri", "17:00", "acme", "2h"] if named_day(word)] == days


def test_within_a_sentence_the_date_of_today_is_left_out() -> None:
    at = datetime(2026, 11, 30, 0, 1, tzinfo=BERLIN).timestamp()
    assert clock(at, MONDAY, BERLIN) == "00:01"
    assert clock(at - 120, MONDAY, BERLIN) == "2026-11-29 23:59"
    assert moment(at, BERLIN) == "2026-11-30 00:01:00"


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
def test_without_a_zone_it_is_that_of_this_computer() -> None:
    assert os.environ["TZ"] == "America/New_York"
    assert utc(begin("2026-11-01", MONDAY)) == "2026-11-01 04:00"
    assert utc(end("2026-11-01", MONDAY)) == "2026-11-02 05:00"
    assert (utc(begin("2026-11-01 1:30", MONDAY)), utc(end("2026-11-01 1:30", MONDAY))) == (
        "2026-11-01 05:30",
        "2026-11-01 06:30",
    )
    assert moment(MONDAY) == "2026-11-30 09:00:00"
    assert (zone_name(MONDAY), zone_name(begin("2026-07-01", MONDAY))) == ("EST (UTC-05:00)", "EDT (UTC-04:00)")


def test_a_zone_is_called_by_its_name_and_by_what_it_is_ahead() -> None:
    named = [zone_name(MONDAY, zone) for zone in (BERLIN, UTC, ZoneInfo("America/Sao_Paulo"))]
    assert named == ["CET (UTC+01:00)", "UTC", "UTC-03:00"]
