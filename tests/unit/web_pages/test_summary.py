"""The first sentence says what is known, and never that all is well where something could not be seen."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from console.web.pages.shown.summary import Says, midnight, since_closing, summary

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("problems", "uploads", "under_way", "says"),
    [
        (2, 41, 3, Says.NEEDED),
        (1, None, None, Says.NEEDED),
        (0, None, None, Says.UNKNOWN),
        (0, 41, None, Says.UNKNOWN),
        (0, 41, 3, Says.UNDER_WAY),
        (0, 41, 0, Says.SETTLED),
        (0, 0, 0, Says.NOTHING),
    ],
)
def test_the_sentence_is_that_of_the_worst_that_is_known(problems, uploads, under_way, says):
    assert summary(0.0, problems, uploads, under_way).says is says


def test_what_could_not_be_seen_keeps_all_from_being_well():
    assert summary(0.0, 0, 41, 0).well
    assert not summary(0.0, 0, 41, 0, unseen=1).well
    assert not summary(0.0, 0, 41, 3).well


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-30T09:00", "2026-11-29T17:00+01:00"),
        ("2026-11-30T00:01", "2026-11-29T17:00+01:00"),
        ("2026-03-29T12:00", "2026-03-28T17:00+01:00"),  # the clock changed that night
        ("2026-10-26T08:00", "2026-10-25T17:00+01:00"),
    ],
)
def test_the_day_begins_yesterday_at_17_in_the_persons_zone(now, since):
    at = datetime.fromisoformat(now).replace(tzinfo=BERLIN).timestamp()
    assert since_closing(at, BERLIN) == datetime.fromisoformat(since).timestamp()


def test_today_begins_at_midnight_in_the_persons_zone():
    at = datetime(2026, 10, 25, 12, tzinfo=BERLIN).timestamp()
    assert midnight(at, BERLIN) == datetime.fromisoformat("2026-10-25T00:00+02:00").timestamp()
