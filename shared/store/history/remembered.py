"""What the row of an upload still tells once its steps are forgotten, as steps again. Pure.

So a step that comes late is added to what is known, by the same rules as any other, and erases nothing.
"""

from collections.abc import Iterator
from typing import Any

from shared.store.history.step import INGRESS, Outcome, Step
from shared.store.history.upload import State, Upload
from shared.text.codes import Code
from shared.wire.message import derived_id
from shared.wire.stages import CLASSIFIER, MOVER, NOTIFIER

SETTLED = (State.FILED, State.SKIPPED)
"""Only of these are the steps forgotten. What waits, or needs a person, keeps them."""
_FACTS = (
    *("file_id", "title", "room", "rule", "room_title", "uploaded_by", "uploaded_at"),
    *("destination", "web_url", "recipients", "channels"),
)


def remembered(upload: Upload) -> list[Step]:
    """Of a settled upload: those that add up to its row. The others, their attempts and their workers are gone."""
    facts = {name: getattr(upload, name) for name in _FACTS}
    return [_step(upload, facts, **told) for told in _told(upload)]


def _told(upload: Upload) -> Iterator[dict[str, Any]]:
    why = {"reason": upload.reason, "code": upload.code}
    yield {"stage": INGRESS, "outcome": Outcome.RECEIVED, "at": upload.first_at}
    if upload.state is State.FILED:
        if upload.filed_at is not None:
            yield {"stage": MOVER.name, "outcome": Outcome.FORWARD, "at": upload.filed_at, **why}
        told_at = upload.last_at if upload.announced_at is None else upload.announced_at
        yield {"stage": NOTIFIER.name, "outcome": Outcome.FORWARD, "at": told_at}
    elif upload.filed_at is None:
        stage = CLASSIFIER if upload.rule is None else MOVER
        yield {"stage": stage.name, "outcome": Outcome.SKIP, "at": upload.last_at, **why}
    elif upload.code == Code.ALREADY_FILED:
        yield {"stage": MOVER.name, "outcome": Outcome.SKIP, "at": upload.filed_at, **why}
    else:
        yield {"stage": MOVER.name, "outcome": Outcome.FORWARD, "at": upload.filed_at}
        yield {"stage": NOTIFIER.name, "outcome": Outcome.DISCARD, "at": upload.last_at, **why}


def _step(upload: Upload, facts: dict[str, Any], *, stage: str, outcome: Outcome, **told: Any) -> Step:
    return Step(
        key=derived_id("remembered", upload.correlation_id, stage, outcome),
        correlation_id=upload.correlation_id,
        stage=stage,
        outcome=outcome,
        type="",
        message_id="",
        **facts,
        **told,
    )
