"""Steps of uploads, as short as a test needs them."""

from shared.store.history.step import Outcome, Step
from shared.wire.stages import NAMES


def step(
    upload: str, outcome: Outcome = Outcome.RECEIVED, stage: str = "ingress", at: float = 100, **facts
) -> Step:
    return Step(
        key=f"{upload} {outcome} {stage} {at}",
        correlation_id=upload,
        at=at,
        stage=stage,
        outcome=outcome,
        type="webhook.file.uploaded",
        message_id=f"message of {upload}",
        **facts,
    )


def filed(upload: str, at: float = 100, **facts) -> list[Step]:
    return [
        step(upload, at=at, **facts),
        *(step(upload, Outcome.FORWARD, stage, at + 1 + n) for n, stage in enumerate(NAMES)),
    ]
