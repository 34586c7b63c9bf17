"""Which passes are due, and how far a window pass looks back."""

from datetime import UTC, datetime, timedelta

import pytest

from console.reconcile.schedule import MANY_FILES, Plan, plan, quiet_time, window_since
from shared.store.sweeps.store import ALL, Due

NOON = datetime(2026, 7, 2, 12, tzinfo=UTC).timestamp()
HOUR = 3600.0
AWAY = Due(ALL, NOON - 5, "the portal was away")


def planned(*due: Due, last_full_at: float | None = NOON - 2 * HOUR, first_at: float = NOON - 9 * HOUR) -> Plan:
    return plan(NOON, due, full_hour=2, first_at=first_at, last_full_at=last_full_at)


def test_nothing_hidden_makes_nothing_due() -> None:
    assert planned() == Plan((), (), "")


def test_what_hid_events_makes_a_full_pass_due_and_at_most_one_an_hour() -> None:
    assert planned(AWAY).full == "the portal was away"
    assert planned(AWAY, last_full_at=NOON - HOUR + 1).full == ""
    assert planned(AWAY, last_full_at=None, first_at=NOON).full == "the portal was away"


def test_a_folder_and_a_late_file_are_looked_at_alone() -> None:
    folder, room, file = Due("folder:5", 1, "moved"), Due("room:6", 1, "new"), Due("file:7", 1, "late")
    assert planned(file, folder, room) == Plan((file,), (folder, room), "")


def test_more_late_files_than_are_worth_a_call_each_are_read_with_all() -> None:
    many = [Due(f"file:{number}", 1, "late") for number in range(MANY_FILES + 1)]
    assert planned(*many) == Plan((), (), f"{MANY_FILES + 1} uploads are late, or wait in our queues")
    assert len(planned(*many[1:]).files) == MANY_FILES


@pytest.mark.parametrize(
    ("last_full", "first", "due"),
    [(11.0, 20.0, True), (9.9, 20.0, False), (None, 20.0, True), (None, 9.9, False)],
)
def test_once_a_day_each_room_is_read_whole_after_the_quiet_hour(
    last_full: float | None,
    first: float,
    due: bool,  # noqa: FBT001 - a parameter of the test's table
) -> None:
    at = None if last_full is None else NOON - last_full * HOUR
    assert bool(planned(last_full_at=at, first_at=NOON - first * HOUR).full) is due


def test_the_quiet_hour_is_the_last_one_that_was() -> None:
    noon = datetime(2026, 7, 2, 12, tzinfo=UTC)
    for hour, expected in ((2, noon - timedelta(hours=10)), (12, noon), (13, noon - timedelta(hours=23))):
        assert quiet_time(noon.timestamp(), hour) == expected.timestamp()


def test_a_window_reaches_over_two_intervals_and_to_the_last_pass_that_went_well() -> None:
    assert window_since(10_000, 900, 120, None) == 10_000 - 1_920
    assert window_since(10_000, 900, 120, 9_100) == 10_000 - 1_920
    assert window_since(10_000, 900, 120, 2_000) == 2_000 - 120
