"""What two versions measured by turns say of each other."""

import math

import pytest

from bench.ratios import compared, outside

ONES = [1.0] * 9


@pytest.mark.parametrize(("runs", "left_out"), [(1, None), (5, None), (6, 0), (8, 0), (9, 1), (11, 1), (12, 2)])
def test_the_interval_leaves_out_as_many_at_each_end_as_95_percent_allow(runs: int, left_out: int | None) -> None:
    assert outside(runs) == left_out


def test_nine_ratios_give_their_median_and_the_second_to_the_eighth() -> None:
    found = compared(ONES, [5, 1, 4, 2, 9, 6, 8, 3, 7], more_is_better=True)
    assert (found.low, found.ratio, found.high) == (2, 5, 8)
    assert (found.before, found.after) == (1, 5)


def test_each_run_is_compared_with_its_own_turn_and_not_with_the_others_median() -> None:
    """The machine was ten times as slow in every second pair."""
    before = [10.0, 1.0] * 3
    found = compared(before, [figure * 1.5 for figure in before], more_is_better=True)
    assert (found.low, found.ratio, found.high) == pytest.approx((1.5, 1.5, 1.5))


@pytest.mark.parametrize(
    ("after", "more_is_better", "verdict"),
    [
        (0.89, True, "fallen"),
        (0.91, True, ""),
        (1.12, True, "better"),
        (1.12, False, "fallen"),
        (1.10, False, ""),
        (0.89, False, "better"),
    ],
)
def test_fallen_is_what_is_a_tenth_worse(after: float, more_is_better: bool, verdict: str) -> None:  # noqa: FBT001
    assert compared(ONES, [after] * 9, more_is_better=more_is_better).verdict == verdict


def test_an_interval_that_reaches_out_of_the_tenth_says_nothing() -> None:
    assert not compared(ONES, [0.5] * 7 + [0.95] * 2, more_is_better=True).verdict


def test_one_run_beyond_it_does_not_keep_the_others_from_saying_fallen() -> None:
    assert compared(ONES, [0.5] * 8 + [1.5], more_is_better=True).verdict == "fallen"


def test_too_few_runs_say_nothing() -> None:
    assert not compared([1.0] * 5, [0.1] * 5, more_is_better=True).verdict


def test_nothing_beside_nothing_is_the_same_and_something_is_more() -> None:
    assert compared([0.0] * 9, [0.0] * 9, more_is_better=False).ratio == 1
    assert math.isinf(compared([0.0] * 9, ONES, more_is_better=False).ratio)
