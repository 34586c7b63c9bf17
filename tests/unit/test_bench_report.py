"""What the bench's tables say."""

from bench.contenders import OURS
from bench.report import p, slope, table

COLUMNS = {"per_s": ("messages/s", 0)}


def test_two_jobs_stand_side_by_side_and_who_was_not_in_one_has_no_figures_there() -> None:
    one = {"runs": {OURS: [{"per_s": 200.0}], "peer": [{"per_s": 100.0}], "only here": [{"per_s": 50.0}]}}
    two = {"runs": {OURS: [{"per_s": 90.0}], "peer": [{"per_s": 100.0}]}}

    lines = table({"a: ": one, "b: ": two}, COLUMNS).splitlines()

    assert lines[0] == "|  | a: messages/s | a: ours is | b: messages/s | b: ours is |"
    assert lines[2:] == [
        f"| {OURS} | 200 (200 to 200) |  | 90 (90 to 90) |  |",
        "| peer | 100 (100 to 100) | 2.00x | 100 (100 to 100) | 0.90x |",
        "| only here | 50 (50 to 50) | 4.00x |  |  |",
    ]


def test_the_99th_percentile_of_a_hundred_times_is_the_longest_but_none() -> None:
    assert p(0.99, [float(number) for number in range(100, 0, -1)]) == 100
    assert p(0.5, [3.0, 1.0, 2.0]) == 2


def test_a_slope_is_the_growth_for_each_step() -> None:
    assert slope([(0.0, 5.0), (1.0, 7.0), (2.0, 9.0)]) == 2
