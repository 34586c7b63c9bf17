"""What doctor says of an endpoint: at half and at nine tenths of the age, disabled, and what it missed."""

import pytest

from console.doctor.hooks import standing_lines
from console.doctor.line import Level
from shared.store.hooks.standing import Standing

AGE_S, NOW = 1_000.0, 10_000.0


def told(**fields: object) -> list[tuple[Level, str]]:
    standing = Standing(name="erp", **fields)  # type: ignore[arg-type]  # of a test
    return [(line.level, line.cause) for line in standing_lines(standing, AGE_S, NOW)]


@pytest.mark.parametrize(
    ("failed_s", "said"),
    [
        (499, (Level.OK, "")),
        (500, (Level.WARNING, "failing:erp")),
        (899, (Level.WARNING, "failing:erp")),
        (900, (Level.FAILED, "failing-long:erp")),
        (5_000, (Level.FAILED, "failing-long:erp")),
    ],
)
def test_an_endpoint_that_fails_is_told_at_half_and_at_nine_tenths_of_the_age(
    failed_s: float, said: tuple[Level, str]
) -> None:
    assert told(failing_since=NOW - failed_s) == [said]


def test_a_disabled_endpoint_is_one_line_with_who_and_why() -> None:
    standing = Standing(name="erp", disabled_at=1.0, disabled_by="anna", disabled_why="it moves", missed=4)
    [line] = standing_lines(standing, AGE_S, NOW)
    assert (line.level, line.cause, line.count) == (Level.FAILED, "disabled:erp", 4)
    assert "disabled by anna: it moves" in line.text
    assert "intake hooks enable erp" in line.mend


def test_what_an_enabled_endpoint_missed_is_a_warning() -> None:
    assert told(missed=1, missed_since=5.0) == [(Level.WARNING, "missed:erp")]
