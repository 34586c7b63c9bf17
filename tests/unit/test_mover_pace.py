"""How often a moved file is looked for, and by which kind of look: after what this portal really takes."""

from itertools import accumulate, islice

import pytest

from mover.pace import LONGEST_WAIT_S, PATIENCE_S, Pace


def looks(pace: Pace, files: int, within_s: float) -> list[float]:
    """When looks begin, in seconds after the portal took the move; a look itself takes no time here."""
    times: list[float] = []
    for at in accumulate(pace.waits(files)):
        if at > within_s:
            return times
        times.append(at)
    return times


def learnt(move_s: float, times: int = 20) -> Pace:
    pace = Pace()
    for _ in range(times):
        pace.arrived(1, move_s)
    return pace


def test_a_portal_that_is_not_known_yet_is_looked_at_at_once():
    assert next(Pace().waits(1)) == 0


def test_on_a_portal_that_takes_no_time_nothing_is_waited_for():
    assert looks(learnt(0.001), 1, 0.01)[0] < 0.001


@pytest.mark.parametrize("in_place_s", [0.15, 0.2, 0.3, 0.4, 0.467])
def test_on_a_quiet_portal_a_file_is_looked_for_soon_after_it_came_and_seldom_before(in_place_s):
    times = looks(learnt(0.3), 1, 3)
    seen = next(at for at in times if at >= in_place_s)
    assert seen - in_place_s <= 0.2
    assert times.index(seen) <= 3  # looks in vain before it


def test_a_portal_under_load_is_not_asked_more_often_than_it_answers():
    assert len(looks(learnt(5.0), 1, 5.0)) <= 12


def test_the_looks_at_a_large_group_are_a_handful_for_all_of_it():
    pace = learnt(0.3)
    for _ in range(20):
        pace.arrived(100, 0.3 + 99 * 0.15)
    assert 3 <= len(looks(pace, 100, 15.2)) <= 12


def test_what_does_not_come_is_looked_for_less_and_less():
    waits = list(islice(learnt(0.3).waits(1), 200))
    assert waits[-1] == LONGEST_WAIT_S
    assert max(waits) == LONGEST_WAIT_S


def test_the_pace_follows_a_portal_that_becomes_slow_and_one_that_recovers():
    pace = learnt(0.3)
    for _ in range(10):
        pace.arrived(1, 3.0)
    assert pace.move_s(1) > 2.5
    for _ in range(20):
        pace.arrived(1, 0.3)
    assert pace.move_s(1) < 0.4


def test_patience_grows_with_the_group():
    assert Pace().patience_s(1) == PATIENCE_S
    assert Pace().patience_s(100) > 75  # 0.15 s a file, five times as slow under load


def test_an_operations_end_is_asked_for_later_if_it_was_late_else_sooner():
    pace = learnt(0.3)
    pace.ended(1, 0.4, finished=False)
    first = pace.end_s(1)
    assert first > 0.5
    pace.ended(1, first, finished=True)
    assert 0.9 * first < pace.end_s(1) < first


@pytest.mark.parametrize(
    ("files", "count", "page"), [(1, 12, False), (2, 14, False), (3, 16, True), (40, 90, True)]
)
def test_before_any_measurement_a_page_counts_as_the_looks_it_was_seen_to_cost(files, count, page):
    assert Pace().page_is_cheaper(files, count) is page


def test_the_cheaper_look_is_chosen_by_what_each_costs_here():
    pace = Pace()
    pace.looked(0.06)
    pace.read_page(100, 6.7)  # under load
    assert not pace.page_is_cheaper(10, 30)
    for _ in range(20):
        pace.read_page(100, 0.3)
    assert pace.page_is_cheaper(10, 30)
