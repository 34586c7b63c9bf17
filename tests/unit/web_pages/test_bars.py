"""The bars of the last 24 hours stand where their counts say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.web.pages.shown.bars import HEIGHT, HOUR_S, KINDS, STEP, chart

NOW = 1_790_000_000.0
THIS_HOUR = NOW // HOUR_S * HOUR_S
COUNTS = st.dictionaries(st.sampled_from(KINDS), st.integers(0, 1_000_000))


def test_a_day_has_24_bars_and_the_last_is_this_hour():
    made = chart({}, NOW)
    assert [bar.x for bar in made.bars] == [STEP * place for place in range(24)]
    assert (made.bars[0].start, made.bars[-1].start) == (THIS_HOUR - 23 * HOUR_S, THIS_HOUR)


def test_a_day_without_uploads_has_empty_bars_and_no_legend():
    made = chart({}, NOW)
    assert made.most == 0
    assert made.kinds == ()
    assert all(bar.parts == () for bar in made.bars)


def test_the_fullest_hour_is_as_high_as_the_chart_and_half_of_it_half_as_high():
    made = chart({THIS_HOUR: {"filed": 8}, THIS_HOUR - HOUR_S: {"filed": 4}}, NOW)
    assert [part.height for bar in made.bars[-2:] for part in bar.parts] == [HEIGHT / 2, HEIGHT]
    assert made.most == 8


def test_one_failed_upload_beside_a_million_is_seen_and_lies_on_top():
    (*_, bar) = chart({THIS_HOUR: {"filed": 1_000_000, "failed": 1}}, NOW).bars
    filed, failed = bar.parts
    assert failed.height >= 2
    assert failed.y == 0
    assert filed.y == pytest.approx(failed.height, abs=0.2)


@given(st.dictionaries(st.sampled_from([THIS_HOUR - HOUR_S * back for back in range(24)]), COUNTS))
def test_no_bar_leaves_the_chart_and_its_parts_lie_on_each_other(hours):
    for bar in chart(hours, NOW).bars:
        bottom = float(HEIGHT)
        for part in bar.parts:
            assert part.y + part.height == pytest.approx(bottom, abs=0.3)
            bottom = part.y
        assert bottom >= -0.3
        assert bar.counts == {kind: hours.get(bar.start, {}).get(kind, 0) for kind in KINDS}
