"""How far an upload came, as its steps tell: its stage and next try, when it was filed and when told. Pure."""

from collections.abc import Callable, Collection
from itertools import pairwise

from shared.store.history.step import Outcome, Step
from shared.text.codes import Code
from shared.wire.stages import EVERY_NAME, MOVER, NAMES, NOTIFIER, READER

_FOLLOWING = dict(pairwise(NAMES)) | {READER.name: NOTIFIER.name}
"""The reader holds nothing up, so what the mover forwarded waits for the notifier, whoever reads it before."""


def waits_for(steps: Collection[Step]) -> tuple[str, float]:
    """The stage that an upload, whose steps these are, has come to, and when it did."""
    came: dict[str, float] = {}
    for step in steps:
        stage = _next(step)
        if stage is not None:
            came[stage] = min(step.at, came.get(stage, step.at))
    stage = max(came, key=EVERY_NAME.index, default=NAMES[0])
    return stage, came.get(stage, min((step.at for step in steps), default=0.0))


def _next(step: Step) -> str | None:
    """The stage that it waits for after this step."""
    if step.outcome is Outcome.RECEIVED:
        return NAMES[0]
    if step.stage not in EVERY_NAME:
        return None
    if step.outcome in {Outcome.RETRY, Outcome.WAIT}:
        return step.stage
    return _FOLLOWING.get(step.stage) if step.outcome is Outcome.FORWARD else None


def next_attempt(decisive: Step) -> int:
    """The number of the try that comes next, or is under way, of an upload that waits since this step."""
    match decisive.outcome:
        case Outcome.RETRY:
            return decisive.next_attempt or decisive.attempt + 1  # an earlier release kept only what had failed
        case Outcome.REPLAY:
            return decisive.attempt
        case _:
            return 1


def filed_at(steps: Collection[Step]) -> float | None:
    """When it was seen in its folder; where only a later message tells that it was, when that told it."""
    return _first(steps, MOVER.name, lambda skip: skip.code == Code.ALREADY_FILED)


def announced_at(steps: Collection[Step]) -> float | None:
    """When everybody was told; as above. The notifier skips what was announced before, or is told later."""
    return _first(steps, NOTIFIER.name, lambda skip: skip.code != Code.WAITS_FOR_HOUR)


def _first(steps: Collection[Step], stage: str, tells: Callable[[Step], bool]) -> float | None:
    of_stage = [step for step in steps if step.stage == stage]
    done = [step.at for step in of_stage if step.outcome is Outcome.FORWARD]
    told = [step.at for step in of_stage if step.outcome is Outcome.SKIP and tells(step)]
    return min(done or told, default=None)
