"""A room is called quiet by what is usual there, and never by too little."""

from console.web.pages.shown.quiet import DAY_S, is_quiet

NOW = 100 * DAY_S


def test_a_room_with_an_upload_each_day_is_quiet_after_more_than_four_days():
    assert not is_quiet(NOW - 4 * DAY_S, 30, NOW)
    assert is_quiet(NOW - 4.1 * DAY_S, 30, NOW)


def test_a_busy_room_is_not_called_quiet_over_a_weekend():
    assert not is_quiet(NOW - 2.9 * DAY_S, 3_000, NOW)


def test_a_room_with_few_uploads_is_never_called_quiet():
    assert not is_quiet(NOW - 29 * DAY_S, 3, NOW)
    assert not is_quiet(None, 0, NOW)
