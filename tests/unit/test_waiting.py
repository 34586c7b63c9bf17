"""Which stage an upload waits for, and since when; and how long ago is written."""

from dataclasses import replace
from typing import Any

import pytest

from console.status.view import age
from shared.store.history.progress import waits_for
from shared.store.history.step import Step, step_of
from shared.text.codes import Code
from shared.wire.events import InvoiceFiled
from shared.wire.outcome import Forward, Retry, Skip
from shared.wire.stages import NAMES
from tests.unit.test_history import DETECTED, SETTLER, WEBHOOK, on_stream, received, settled

CAME = step_of(received())
assert CAME is not None


def at(moment: float, outcome) -> Step:
    return settled(outcome, now=moment)


def moved(moment: float, outcome) -> Step:
    message = SETTLER.settle(WEBHOOK, Forward(DETECTED), 1_001).publication.message
    mover = replace(SETTLER, stage="mover")
    step = step_of(on_stream(mover.settle(message, outcome, moment).publication))
    assert step is not None
    return step


ABOUT: dict[str, Any] = {
    "file_id": 7,
    "title": "Invoice 7.pdf",
    "rule": "r",
    "destination": 1,
    "recipients": ("a@example.com",),
}
FILED = InvoiceFiled(source_file_id=7, version=1, **ABOUT)
AFTER_MOVER = NAMES[NAMES.index("mover") + 1]
TWINS = [at(1_003, Forward(DETECTED)), moved(1_009, Forward(FILED)), moved(1_012, Skip("twin", Code.SAME_UPLOAD))]


@pytest.mark.parametrize(
    ("steps", "stage", "since"),
    [
        ([CAME], "classifier", 1_000),
        ([CAME, at(1_002, Retry("away", Code.PORTAL_ERROR))], "classifier", 1_000),
        ([CAME, at(1_003, Forward(DETECTED))], "mover", 1_003),
        ([CAME, at(1_003, Forward(DETECTED)), moved(1_009, Retry("locked", Code.LOCKED))], "mover", 1_003),
        (TWINS, AFTER_MOVER, 1_009),
    ],
)  # fmt: skip
def test_an_upload_waits_since_it_came_to_its_furthest_stage(steps, stage, since) -> None:
    assert waits_for(steps) == (stage, since)
    assert waits_for(steps[::-1]) == (stage, since)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0s"), (59.9, "59s"), (192, "3m 12s"), (18_120, "5h 2m"), (187_200, "2d 4h")]
)
def test_an_age_is_short(seconds, text) -> None:
    assert age(seconds) == text
