"""What the steps of one upload add up to: where it is now. Pure; in whatever order the steps arrive.

Twins (`file.created` and `file.uploaded` of one upload) share a correlation id. So a later stage outranks an
earlier one, whatever either twin came to: a skip never hides that the upload went further. A twin that left the
work to the other says nothing of how far that came.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.store.history.progress import announced_at, filed_at, next_attempt, waits_for
from shared.store.history.step import Outcome, Step
from shared.text.codes import Code
from shared.wire.stages import EVERY_NAME, MOVER, NAMES


class State(StrEnum):
    WAITING = "waiting"
    SKIPPED = "skipped"
    FILED = "filed"
    """And announced."""
    FAILED = "failed"
    """A dead letter waits for a person."""


class Standing(StrEnum):
    """What a person wants to know first. `State` stays what programs read."""

    FILED = "filed"
    """Told or not: that is another fact."""
    ON_ITS_WAY = "on its way"
    NEEDS_PERSON = "needs a person"
    NOT_INVOICE = "not an invoice"
    """Or nothing to be done any more: it is gone, or a person put it away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Times are seconds since the epoch; what no step told is None."""

    correlation_id: str
    state: State
    reason: str | None
    code: str | None = None
    """Of the reason."""
    file_id: str | None
    title: str | None
    room: str | None
    first_at: float
    """When it came in."""
    last_at: float
    """Of its newest step."""
    room_title: str | None = None
    uploaded_by: str | None = None
    """A name, else a user id."""
    uploaded_at: str | None = None
    """As the portal told it: ISO 8601, UTC."""
    rule: str | None = None
    destination: str | None = None
    """The id of the folder that it belongs in."""
    web_url: str | None = None
    recipients: tuple[str, ...] = ()
    """Who is told, or was."""
    channels: tuple[str, ...] = ()
    """Further ways on which that was told, without their secrets."""
    filed_at: float | None = None
    announced_at: float | None = None
    stage: str | None = None
    """That it waits for, or failed at; None once it is settled."""
    attempt: int | None = None
    """The number of the try that comes next or is under way, or of the one that failed for good."""
    next_at: float | None = None
    """When the next try is due, while it waits for that; of one that is told later: when."""

    @property
    def told_later(self) -> bool:
        """Its recipients want that. It waits in the outbox, and no message waits for it."""
        return self.state is State.WAITING and self.code == Code.WAITS_FOR_HOUR

    @property
    def tried_later(self) -> bool:
        """It waits for its next try, as far as the history knows."""
        return self.state is State.WAITING and self.next_at is not None and not self.told_later

    @property
    def standing(self) -> Standing:
        return standing_of(self.state, is_filed=self.filed_at is not None)


def standing_of(state: State, *, is_filed: bool) -> Standing:
    """`is_filed`: whether it is known when it was."""
    if state is State.FAILED:
        return Standing.NEEDS_PERSON
    if state is State.FILED or is_filed:
        return Standing.FILED
    return Standing.ON_ITS_WAY if state is State.WAITING else Standing.NOT_INVOICE


_TOLD = ("room_title", "uploaded_by", "uploaded_at", "rule", "destination", "web_url", "recipients", "channels")
_SETTLED = (Outcome.FORWARD, Outcome.SKIP, Outcome.WAIT)
_BY_A_PERSON = (Outcome.REPLAY, Outcome.DISCARD)
_WITHIN_STAGE = {
    Outcome.RECEIVED: 0,
    Outcome.REPLAY: 1,
    Outcome.RETRY: 1,
    Outcome.DISCARD: 2,
    Outcome.SKIP: 2,
    Outcome.WAIT: 2,
    Outcome.FORWARD: 3,
}
_LEFT = (Code.SAME_UPLOAD, Code.WAITS_FOR_HOUR)
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
        filed_at=filed_at(steps),
        announced_at=announced_at(steps),
        **_where(decisive, state, steps),
        **_facts(by_time),
    )


def _where(decisive: Step, state: State, steps: Collection[Step]) -> dict[str, Any]:
    match state:
        case State.FAILED:
            return {"stage": decisive.stage, "attempt": decisive.attempt}
        case State.WAITING:
            stage, _ = waits_for(steps)
            return {"stage": stage, "attempt": next_attempt(decisive), "next_at": decisive.next_at}
        case _:
            return {}


def _facts(by_time: Collection[Step]) -> dict[str, Any]:
    """As the latest stage told them: the later it is, the more it had learnt."""
    told = [step for step in by_time if step.outcome is not Outcome.WAIT]  # that names a part of its recipients
    by_stage = sorted(told, key=lambda step: EVERY_NAME.index(step.stage) if step.stage in EVERY_NAME else -1)
    return {name: value for step in by_stage for name in _TOLD if (value := getattr(step, name))}


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
    return step.outcome is Outcome.SKIP and step.code in _LEFT


def _rank(step: Step) -> int:
    if step.outcome is Outcome.DEAD:
        return _BURIED
    if _left_to_its_twin(step):
        return 0
    stage = EVERY_NAME.index(step.stage) if step.stage in EVERY_NAME else 0
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
