"""The timeline folds tries that failed alike, and nothing else."""

from console.web.pages.shown.story import story
from shared.store.history.step import Outcome, Step


def step(
    at: int, outcome: Outcome, stage: str = "mover", code: str | None = None, reason: str | None = None
) -> Step:
    return Step(
        key=str(at),
        correlation_id="a",
        at=at,
        stage=stage,
        outcome=outcome,
        type="invoice.detected",
        message_id="m",
        attempt=at,
        code=code,
        reason=reason,
    )


def test_tries_that_failed_for_one_reason_are_one_line_with_the_first_and_the_last():
    steps = [step(at, Outcome.RETRY, code="portal-unreachable", reason=f"no answer at {at}") for at in range(1, 6)]
    (told,) = story(steps)
    assert told.folded
    assert (told.first.attempt, told.last.attempt) == (1, 5)


def test_another_reason_another_stage_or_another_outcome_begins_a_new_line():
    steps = [
        step(1, Outcome.RETRY, code="portal-unreachable"),
        step(2, Outcome.RETRY, code="locked"),
        step(3, Outcome.RETRY, "notifier", code="locked"),
        step(4, Outcome.DEAD, "notifier", code="locked"),
        step(5, Outcome.RETRY, "notifier", code="locked"),
    ]
    assert [[each.at for each in told.steps] for told in story(steps)] == [[1], [2], [3], [4], [5]]


def test_what_is_no_try_is_never_folded():
    steps = [step(1, Outcome.DEAD), step(2, Outcome.DEAD), step(3, Outcome.REPLAY), step(4, Outcome.REPLAY)]
    assert [told.folded for told in story(steps)] == [False] * 4


def test_tries_without_a_code_are_told_apart_by_their_reason():
    steps = [
        step(1, Outcome.RETRY, reason="a"),
        step(2, Outcome.RETRY, reason="b"),
        step(3, Outcome.RETRY, reason="b"),
    ]
    assert [len(told.steps) for told in story(steps)] == [1, 2]
