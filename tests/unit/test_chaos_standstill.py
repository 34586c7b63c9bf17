"""The chaos run's onlooker: who is ready while the stage stands still is named, and nobody else."""

import pytest

from tests.chaos.standstill import Stage


def looked(*looks: tuple[float, int, float, set[str]]) -> list[str]:
    stage, found = Stage(60.0), []
    for at, waiting, settled, ready in looks:
        found = stage.seen(at, waiting, {"mover-4": settled}, ready)
    return found


READY, NOT = {"mover-4"}, set[str]()


@pytest.mark.parametrize(
    ("looks", "named"),
    [
        ([(0, 5, 1, READY), (61, 5, 1, READY)], ["mover-4"]),
        ([(0, 5, 1, READY), (59, 5, 1, READY)], []),
        ([(0, 5, 1, READY), (40, 5, 2, READY), (99, 5, 2, READY)], []),
        ([(0, 5, 1, READY), (40, 0, 1, READY), (99, 5, 1, READY)], []),
        ([(0, 5, 1, READY), (40, 5, 1, NOT), (99, 5, 1, READY)], []),
        ([(0, 5, 1, NOT), (300, 5, 1, NOT)], []),
        ([(0, 0, 1, READY), (300, 0, 1, READY)], []),
    ],
    ids=["still", "not so long", "one was settled", "nothing waited", "it said so", "never ready", "idle"],
)
def test_who_is_ready_while_the_stage_stands_still_is_named(looks, named) -> None:
    assert looked(*looks) == named
