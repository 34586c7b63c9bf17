"""A webhook's times, which the portal tells in its own zone and calls UTC, as they were recorded in three zones."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.docspace.webhook_times import offset, true_time
from tests.support.recorded import exchange

QUARTER_PAST_EIGHT = datetime(2026, 11, 29, 20, 17, 25, 816893, UTC)


@pytest.mark.parametrize(
    ("said", "hours"), [("01:00:00", 1), ("-05:00:00", -5), ("05:30:00", 5.5), ("00:00:00", 0), ("9:00:00", 9)]
)
def test_the_portals_offset_is_read_on_both_sides_of_utc(said: str, hours: float) -> None:
    assert offset(said) == timedelta(hours=hours)


@pytest.mark.parametrize("said", [None, "", "soon", "1", "01:00"])
def test_an_offset_that_cannot_be_read_is_none(said: str | None) -> None:
    assert offset(said) is None


def test_a_time_that_a_portal_in_berlin_told_is_an_hour_less_in_utc() -> None:
    told = exchange("read-webhook-list-in-timezone")["answer"]["response"][0]["configs"]["createdOn"]
    assert true_time(told, timedelta(hours=1)) == QUARTER_PAST_EIGHT
    assert true_time("2026-11-29T15:17:25.816893+00:00", timedelta(hours=-5)) == QUARTER_PAST_EIGHT
    assert true_time(None, timedelta()) is None
