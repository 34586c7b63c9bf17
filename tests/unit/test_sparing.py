"""How many log lines of a kind are left out."""

from shared.runtime.sparing import Sparing


def test_one_line_a_second_of_each_kind_says_how_many_were_left_out() -> None:
    now = 0.0
    sparing = Sparing(clock=lambda: now)
    assert [sparing.due("404"), sparing.due("404"), sparing.due("401"), sparing.due("404")] == [0, None, 0, None]
    now = 0.9
    assert sparing.due("404") is None
    now = 1.0
    assert [sparing.due("404"), sparing.due("401"), sparing.due("404")] == [3, 0, None]
