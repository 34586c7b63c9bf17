"""When an invoice was uploaded, as a person reads it: in their words and by their clock."""

import pytest

from shared.announcing.voice import Voice


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-11-24T18:19:30Z", "24 November 2026, 18:19 UTC"),
        ("2026-11-24T18:19:30", "24 November 2026, 18:19 UTC"),
        ("2026-11-24T20:19:30.1234567+02:00", "24 November 2026, 18:19 UTC"),
        ("2026-11-24T23:59:30.0000000-02:00", "25 November 2026, 01:59 UTC"),
        ("0001-01-01T00:00:00+02:00", "0001-01-01T00:00:00+02:00"),
        ("last\r\nTuesday", "last Tuesday"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_time_is_shown_in_utc_or_as_it_came(moment, shown):
    assert Voice().moment(moment) == shown


@pytest.mark.parametrize(
    ("utc", "shown"),
    [
        ("2026-03-29T00:59:59Z", "29 March 2026, 01:59 CET"),
        ("2026-03-29T01:00:00Z", "29 March 2026, 03:00 CEST"),
        ("2026-10-25T00:30:00Z", "25 October 2026, 02:30 CEST"),
        ("2026-10-25T01:30:00Z", "25 October 2026, 02:30 CET"),
    ],
)
def test_the_hour_is_right_on_both_days_of_the_clocks_change(utc, shown):
    assert Voice(timezone="Europe/Berlin").moment(utc) == shown


@pytest.mark.parametrize(
    ("timezone", "shown"),
    [
        ("Europe/London", "24 November 2026, 18:19 GMT"),
        ("Asia/Kolkata", "24 November 2026, 23:49 UTC+5:30"),
        ("America/New_York", "24 November 2026, 13:19 UTC-5"),
        ("America/St_Johns", "24 November 2026, 14:49 UTC-3:30"),
        ("Pacific/Kiritimati", "25 November 2026, 08:19 UTC+14"),
    ],
)
def test_a_zone_whose_name_few_know_is_told_by_its_distance_from_utc(timezone, shown):
    assert Voice(timezone=timezone).moment("2026-11-24T18:19:30Z") == shown
