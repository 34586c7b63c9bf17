"""The time since a webhook came: all that follows carries it, and two stages measure it."""

import pytest
from msgspec.structs import replace

from shared.runtime.ladder import Ladder
from shared.runtime.metrics import Metrics
from shared.runtime.settle import Settler
from shared.runtime.telling import Telling
from shared.text.codes import Code
from shared.wire.events import InvoiceAnnounced
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Outcome, Retry, Skip
from shared.wire.stages import STAGES

RECEIVED_AT = 1_790_000_000.25
MESSAGE = Message(
    body=b"{}", type="invoice.filed", message_id="m", correlation_id="c", timestamp=1, received_at=RECEIVED_AT
)
TOLD = Forward(InvoiceAnnounced(file_id=1, version=1, title="Invoice", rule="r", recipients=("a@b.example",)))
LATER: tuple[Outcome, ...] = (
    Skip("gone", Code.GONE),
    Retry("locked", Code.LOCKED),
    Dead("no right", Code.NO_RIGHT),
)
SETTLER = Settler("notifier", Ladder((1, 2), 60), app_id="notifier")


def measured(message: Message, outcome: Outcome = TOLD, milestone: str | None = "told") -> dict[str, float]:
    """What the metrics page says of the time, 2.5 s after the webhook of MESSAGE."""
    metrics = Metrics(milestone)
    Telling(metrics, clock=lambda: RECEIVED_AT + 2.5).settled(message, SETTLER.settle(message, outcome, 0.0), 0.1)
    lines = metrics.render().decode().splitlines()
    return {
        name.removeprefix("intake_webhook_to_"): float(value)
        for name, value in (line.rsplit(" ", 1) for line in lines if line.startswith("intake_webhook_to_"))
        if name.endswith(("_sum", "_count", 'le="1.0"}', 'le="2.5"}'))
    }


@pytest.mark.parametrize("outcome", [TOLD, *LATER], ids=lambda outcome: type(outcome).__name__)
def test_all_that_comes_of_a_message_says_when_its_webhook_came(outcome: Outcome) -> None:
    assert SETTLER.settle(MESSAGE, outcome, now=2e9).publication.message.received_at == RECEIVED_AT


def test_a_forward_is_measured_from_the_webhook() -> None:
    assert measured(MESSAGE) == {
        'told_seconds_bucket{le="1.0"}': 0,
        'told_seconds_bucket{le="2.5"}': 1,
        "told_seconds_count": 1,
        "told_seconds_sum": 2.5,
    }


@pytest.mark.parametrize("outcome", LATER, ids=lambda outcome: type(outcome).__name__)
def test_what_is_not_forwarded_is_not_measured(outcome: Outcome) -> None:
    assert measured(MESSAGE, outcome)["told_seconds_count"] == 0


@pytest.mark.parametrize(
    "message",
    [replace(MESSAGE, received_at=None), replace(MESSAGE, override="run-1")],
    ids=["no webhook's", "an operator's override"],
)
def test_what_nobody_waited_for_since_a_webhook_is_not_measured(message: Message) -> None:
    assert measured(message)["told_seconds_count"] == 0


def test_no_time_is_negative_where_the_ingress_has_a_clock_that_is_ahead() -> None:
    assert measured(replace(MESSAGE, received_at=RECEIVED_AT + 9))["told_seconds_sum"] == 0


def test_a_stage_without_a_milestone_measures_nothing() -> None:
    assert measured(MESSAGE, milestone=None) == {}


def test_the_milestones_are_those_of_the_mover_and_the_notifier() -> None:
    assert {stage.name: stage.milestone for stage in STAGES if stage.milestone} == {
        "mover": "filed",
        "notifier": "told",
    }
