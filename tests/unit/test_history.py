"""What a message on the stream says of an upload, and what all of them add up to."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replaced
from typer.testing import CliRunner

from console.__main__ import app
from shared.amqp.client import codec
from shared.runtime.ladder import Ladder
from shared.runtime.settle import Settler
from shared.store.history.step import BROKER, Delivery, Outcome, Step, step_of
from shared.store.history.upload import State, upload_of
from shared.text.codes import Code
from shared.wire.broker_deaths import BURIED, KILLED
from shared.wire.events import Event, InvoiceAnnounced, InvoiceDetected, InvoiceFiled
from shared.wire.message import Message, Publication
from shared.wire.outcome import Dead, Forward, Retry, Skip
from tests.support.webhooks import EXAMPLE

WEBHOOK = Message(
    body=EXAMPLE.encode(), type="webhook.file.uploaded", message_id="m", correlation_id="c", timestamp=1_000
)
DETECTED = InvoiceDetected(
    file_id=7, title="Invoice 7.pdf", rule="r", destination=1, recipients=("a@example.com",), room_id=9
)
SETTLER = Settler("classifier", Ladder((5, 30), 60), app_id="classifier", by="classifier@host:1")


def on_stream(publication: Publication) -> Delivery:
    """As the broker would deliver it."""
    return Delivery(
        offset=0,
        exchange=publication.exchange,
        routing_key=publication.routing_key,
        message=publication.message,
        headers=codec.headers(publication),
    )


def received(message: Message = WEBHOOK) -> Delivery:
    return on_stream(Publication(exchange="docspace", routing_key=message.type, message=message, mandatory=True))


def settled(outcome, message: Message = WEBHOOK, now: float = 1_001.25) -> Step:
    step = step_of(on_stream(SETTLER.settle(message, outcome, now).publication))
    assert step is not None
    return step


def test_a_webhook_is_received_with_its_file_title_and_event():
    step = step_of(received())
    assert step is not None
    assert (step.outcome, step.stage, step.at) == (Outcome.RECEIVED, "ingress", 1_000)
    assert (step.file_id, step.title, step.event_id) == ("748301", "Invoice 2026-0714.pdf", "18231")


def test_an_unreadable_webhook_is_a_step_all_the_same():
    step = step_of(
        received(Message(body=b"\xff{", type="webhook.unreadable", message_id="m", correlation_id="c", timestamp=1))
    )
    assert step is not None
    assert step.title is None


@pytest.mark.parametrize(
    ("outcome", "kind", "reason"),
    [
        (Forward(DETECTED), Outcome.FORWARD, None),
        (Skip("no rule", Code.NO_RULE), Outcome.SKIP, "no rule"),
        (Retry("portal down", Code.PORTAL_ERROR), Outcome.RETRY, "portal down"),
        (Dead("no right", Code.NO_RIGHT), Outcome.DEAD, "no right"),
    ],
)
def test_a_settled_message_says_who_did_what_when_and_why(outcome, kind, reason):
    step = settled(outcome)
    assert (step.outcome, step.stage, step.reason, step.attempt) == (kind, "classifier", reason, 1)
    assert step.code == getattr(outcome, "code", None)
    assert (step.at, step.by, step.correlation_id) == (1_001.25, "classifier@host:1", "c")


@pytest.mark.parametrize("untried", [True, False])
def test_a_retry_is_told_by_the_attempt_that_came_to_nothing(untried):
    assert settled(Retry("busy", Code.RATE_LIMIT, 5, untried), replaced(WEBHOOK, attempt=3)).attempt == 3


def test_a_detected_invoice_names_its_room_and_rule():
    step = settled(Forward(DETECTED))
    assert (step.file_id, step.title, step.room, step.rule) == ("7", "Invoice 7.pdf", "9", "r")


def test_a_further_hop_of_a_long_wait_is_no_step():
    waits = Message(
        body=b"{}", type="webhook.file.uploaded", message_id="m", correlation_id="c", timestamp=1, not_before=90
    )
    hop = SETTLER.wait_longer(waits, 10)
    assert hop is not None
    assert step_of(on_stream(hop)) is None


def test_an_event_of_somebody_else_is_no_step():
    other = Message(body=b"{}", type="report.made", message_id="m", correlation_id="c", timestamp=1)
    assert step_of(received(other)) is None


def test_a_fact_published_twice_is_one_step_and_a_second_death_is_another():
    assert settled(Forward(DETECTED), now=1).key == settled(Forward(DETECTED), now=2).key
    assert settled(Dead("x", Code.NO_RIGHT), now=1).key != settled(Dead("x", Code.NO_RIGHT), now=2).key


def test_the_broker_says_when_and_why_what_it_buried_died_not_the_publisher():
    retried = SETTLER.settle(WEBHOOK, Retry("portal down", Code.PORTAL_ERROR), 1_001.25).publication
    death = {"reason": "delivery_limit", "queue": "classifier", "time": datetime.fromtimestamp(1_500, UTC)}
    headers = codec.headers(retried) | {"x-death": [death]}
    died = step_of(
        Delivery(offset=0, exchange="dead", routing_key="classifier.dead", message=retried.message, headers=headers)
    )
    assert died is not None
    assert (died.outcome, died.stage, died.reason) == (Outcome.DEAD, "classifier", KILLED)
    assert died.code == Code.DELIVERY_LIMIT
    assert (died.at, died.by, died.title) == (1_500, BROKER, "Invoice 2026-0714.pdf")


def test_where_the_stream_kept_no_list_a_burial_is_told_by_the_first_death():
    headers = {"at_ms": 1_200_500, "by": "classifier@host:1", "x-first-death-reason": "delivery_limit"}
    buried = Delivery(offset=0, exchange="dead", routing_key="mover.dead", message=WEBHOOK, headers=headers)
    died = step_of(buried)
    assert died is not None
    assert (died.reason, died.at, died.by) == (KILLED, 1_200.5, BROKER)
    waited = step_of(replace(buried, headers={**headers, "x-first-death-reason": "expired"}))
    assert waited is not None
    assert waited.reason == BURIED


def step(outcome: Outcome, stage: str = "ingress", at: float = 0, **facts) -> Step:
    key = f"{outcome}{stage}{at}{sorted(facts.items())}"
    return Step(key=key, correlation_id="c", at=at, stage=stage, outcome=outcome, type="t", message_id="m", **facts)


RECEIVED = step(Outcome.RECEIVED)
FOUND = step(Outcome.FORWARD, "classifier", 1)
MOVED = step(Outcome.FORWARD, "mover", 2)
TWIN = step(Outcome.SKIP, "mover", 3, reason="already filed")
LEFT = step(Outcome.SKIP, "mover", 9, reason="another message of the same upload", code="same-upload")
TOLD = step(Outcome.FORWARD, "notifier", 4)


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([RECEIVED], State.WAITING),
        ([RECEIVED, FOUND], State.WAITING),
        ([RECEIVED, FOUND, step(Outcome.RETRY, "mover", 2, reason="down")], State.WAITING),
        ([RECEIVED, step(Outcome.SKIP, "classifier", 1, reason="no rule")], State.SKIPPED),
        ([step(Outcome.RETRY, "classifier", 1), step(Outcome.SKIP, "classifier", 5)], State.SKIPPED),
        ([step(Outcome.SKIP, "classifier", 5, reason="no rule asks"), FOUND], State.WAITING),
        ([RECEIVED, FOUND, MOVED, TWIN], State.WAITING),
        ([RECEIVED, FOUND, MOVED, TOLD], State.FILED),
        ([RECEIVED, FOUND, MOVED, TWIN, TOLD], State.FILED),
        ([RECEIVED, FOUND, MOVED, TOLD, step(Outcome.SKIP, "mover", 9)], State.FILED),
        ([RECEIVED, FOUND, step(Outcome.DEAD, "mover", 2, reason="no right")], State.FAILED),
        ([FOUND, step(Outcome.DEAD, "mover", 2), step(Outcome.FORWARD, "mover", 9)], State.WAITING),
        ([step(Outcome.DEAD, "classifier", 2), step(Outcome.SKIP, "classifier", 9)], State.SKIPPED),
        ([FOUND, step(Outcome.DEAD, "mover", 2), step(Outcome.REPLAY, "mover", 9)], State.WAITING),
        (
            [
                FOUND,
                step(Outcome.DEAD, "mover", 2),
                step(Outcome.REPLAY, "mover", 3),
                step(Outcome.DEAD, "mover", 9),
            ],
            State.FAILED,
        ),
        ([FOUND, step(Outcome.DEAD, "mover", 2), step(Outcome.DISCARD, "mover", 9)], State.SKIPPED),
        ([FOUND, MOVED, TOLD, step(Outcome.DEAD, "notifier", 9)], State.FILED),
        ([RECEIVED, FOUND, LEFT], State.WAITING),
        ([RECEIVED, FOUND, step(Outcome.RETRY, "mover", 2, reason="locked"), LEFT], State.WAITING),
        ([RECEIVED, FOUND, step(Outcome.DEAD, "mover", 2, reason="no right"), LEFT], State.FAILED),
        ([RECEIVED, FOUND, step(Outcome.SKIP, "mover", 2, reason="gone"), LEFT], State.SKIPPED),
        ([RECEIVED, FOUND, LEFT, MOVED, TOLD], State.FILED),
    ],
)
def test_the_state_of_an_upload_is_how_far_it_came(steps, state):
    assert {upload_of(order).state for order in itertools.islice(itertools.permutations(steps), 120)} == {state}


def test_an_upload_has_the_code_of_the_reason_that_it_shows():
    died = step(Outcome.DEAD, "mover", 2, reason="no right", code="no-right")
    assert (upload_of([RECEIVED, FOUND, died]).reason, upload_of([RECEIVED, FOUND, died]).code) == (
        *("no right", "no-right"),
    )
    waits = step(Outcome.RETRY, "mover", 2, reason="locked", code="locked")
    assert upload_of([RECEIVED, FOUND, waits]).code == "locked"
    assert upload_of([RECEIVED, FOUND, waits, MOVED, TOLD]).code is None


STEPS = st.builds(
    step,
    st.sampled_from(Outcome),
    st.sampled_from(["ingress", "classifier", "mover", "notifier", "somebody"]),
    st.integers(0, 5),
    reason=st.sampled_from([None, "a", "b"]),
    title=st.sampled_from([None, "x", "y"]),
)


@given(st.lists(STEPS, min_size=1, max_size=8, unique_by=lambda one: one.key).flatmap(
    lambda steps: st.tuples(st.just(steps), st.permutations(steps))
))  # fmt: skip
def test_the_order_in_which_steps_arrive_does_not_matter(orders):
    one, other = orders
    assert upload_of(one) == upload_of(other)


@given(st.lists(STEPS, max_size=8))
def test_nothing_turns_an_announced_upload_into_another(steps):
    assert upload_of([*steps, TOLD]).state is State.FILED


@pytest.mark.parametrize("command", [["find", "x"], ["timeline", "x"], ["list"]])
def test_without_a_history_the_operator_reads_what_to_do(command, tmp_path):
    result = CliRunner().invoke(app, command, env={"DATABASE_URL": f"sqlite:///{tmp_path}/none.db"})
    assert result.exit_code == 1
    assert "python -m console history" in result.stderr
    assert not list(tmp_path.iterdir())


def test_the_later_events_are_steps_of_their_stages():
    filed = InvoiceFiled(
        file_id=8, source_file_id=7, version=1, title="t", rule="r", destination=1, recipients=("a@b.example",)
    )
    told = InvoiceAnnounced(file_id=8, version=1, title="t", rule="r", recipients=("a@b.example",))
    assert [settled(Forward(event)).stage for event in (filed, told)] == ["mover", "notifier"]


def test_a_file_of_the_same_name_is_told_of_what_was_filed_before_and_after_its_mail():
    filed = InvoiceFiled(
        file_id=7, source_file_id=7, version=1, title="Invoice 7.pdf", rule="r", destination=1, recipients=(),
        namesakes=(5, 6),
    )  # fmt: skip
    announced = InvoiceAnnounced(file_id=7, version=1, title="Invoice 7.pdf", rule="r", recipients=())
    steps = []
    ends: tuple[tuple[str, Event], ...] = (("mover", filed), ("notifier", announced))
    for at, (stage, event) in enumerate(ends):
        settler = Settler(stage, Ladder((5,), 60), app_id=stage, by="x")
        step = step_of(on_stream(settler.settle(WEBHOOK, Forward(event), at).publication))
        assert step is not None
        steps.append(step)
    for known in (steps[:1], steps):
        assert upload_of(known).reason == "another file of its name lies there too: file 5, 6"
