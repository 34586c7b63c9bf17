"""What the steps of one upload add up to: where it is now. Pure; in whatever order the steps arrive.

Twins (`file.created` and `file.uploaded` of one upload) share a correlation id. So a later stage outranks an
earlier one, whatever either twin came to: a skip never hides that the upload went further. A twin that left the
work to the other says nothing of how far that came.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from shared.store.history.step import Outcome, Step
from shared.text.codes import Code
from shared.wire.stages import MOVER, NAMES


class State(StrEnum):
    WAITING = "waiting"
    SKIPPED = "skipped"
    FILED = "filed"
    """And announced."""
    FAILED = "failed"
    """A dead letter waits for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    correlation_id: str
    state: State
    reason: str | None
    code: str | None = None
    """Of the reason."""
    file_id: str | None
    title: str | None
    room: str | None
    first_at: float
    last_at: float


_SETTLED = (Outcome.FORWARD, Outcome.SKIP)
_BY_A_PERSON = (Outcome.REPLAY, Outcome.DISCARD)
_WITHIN_STAGE = {
    Outcome.RECEIVED: 0,
    Outcome.REPLAY: 1,
    Outcome.RETRY: 1,
    Outcome.DISCARD: 2,
    Outcome.SKIP: 2,
    Outcome.FORWARD: 3,
}
_BURIED = 100
"""Above every step but the last forward: a person must look, unless the mail has gone out."""


def upload_of(steps: Collection[Step]) -> Upload:
    """`steps` are all that is known of one upload, at least one."""
    by_time = sorted(steps, key=lambda step: (step.at, step.key))
    alive = [step for step in by_time if not _taken_up(step, by_time)]
    decisive = max(alive, key=lambda step: (_rank(step), step.at, step.key))
    state = _state(decisive)
    is_well = decisive.outcome is Outcome.FORWARD or state is State.FILED
    return Upload(
        correlation_id=decisive.correlation_id,
        state=state,
        reason=_beside(by_time) if is_well else decisive.reason,
        code=None if is_well else decisive.code,
        file_id=next((step.file_id for step in by_time if step.file_id), None),
        title=next((step.title for step in reversed(by_time) if step.title), None),
        room=next((step.room for step in by_time if step.room), None),
        first_at=by_time[0].at,
        last_at=by_time[-1].at,
    )


def _beside(steps: Collection[Step]) -> str | None:
    """What was said when it was filed: that a file of its name lies there too."""
    filed = (step for step in steps if step.stage == MOVER.name and step.outcome is Outcome.FORWARD)
    return next((step.reason for step in filed if step.reason), None)


def _taken_up(step: Step, steps: Collection[Step]) -> bool:
    """A dead letter that waits no more: a person took it up, or its stage settled it afterwards."""
    return step.outcome is Outcome.DEAD and any(
        other.stage == step.stage
        and other.at > step.at
        and not _left_to_its_twin(other)
        and (other.outcome in _SETTLED or (other.outcome in _BY_A_PERSON and other.message_id == step.message_id))
        for other in steps
    )


def _left_to_its_twin(step: Step) -> bool:
    return step.outcome is Outcome.SKIP and step.code == Code.SAME_UPLOAD


def _rank(step: Step) -> int:
    if step.outcome is Outcome.DEAD:
        return _BURIED
    if _left_to_its_twin(step):
        return 0
    stage = NAMES.index(step.stage) if step.stage in NAMES else 0
    rank = 4 * stage + _WITHIN_STAGE[step.outcome]
    return rank + _BURIED if _state(step) is State.FILED else rank


def _state(step: Step) -> State:
    match step.outcome:
        case Outcome.DEAD:
            return State.FAILED
        case Outcome.FORWARD if step.stage == NAMES[-1]:
            return State.FILED
        case Outcome.SKIP if step.stage == NAMES[-1]:
            return State.FILED  # it skips only what was announced before
        case Outcome.SKIP if _left_to_its_twin(step):
            return State.WAITING
        case Outcome.SKIP | Outcome.DISCARD:
            return State.SKIPPED
        case _:
            return State.WAITING
