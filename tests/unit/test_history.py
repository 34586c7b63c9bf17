"""What a message on the stream says of an upload, and what all of them add up to."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace as replaced
from typer.testing import CliRunner

from console.__main__ import app
from shared.amqp.client import codec
from shared.runtime.ladder import Ladder
from shared.runtime.settle import Settler
from shared.store.history.remembered import SETTLED, remembered
from shared.store.history.step import BROKER, Delivery, Outcome, Step, step_of
from shared.store.history.upload import Standing, State, upload_of
from shared.text.codes import Code
from shared.wire.broker_deaths import BURIED, KILLED
from shared.wire.events import Event, EventSkipped, InvoiceAnnounced, InvoiceDetected, InvoiceFiled, decode
from shared.wire.message import Message, Publication
from shared.wire.outcome import About, Dead, Forward, Retry, Skip
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


def test_a_step_tells_all_that_its_event_carries():
    facts: dict[str, Any] = {
        "room_title": "Acme",
        "uploaded_by": "Chris Client",
        "uploaded_at": "2026-07-02T09:14:30Z",
    }
    detected = settled(Forward(replaced(DETECTED, **facts)))
    assert (detected.room_title, detected.uploaded_by, detected.uploaded_at) == tuple(facts.values())
    assert (detected.destination, detected.recipients, detected.channels) == ("1", ("a@example.com",), ())
    filed = InvoiceFiled(
        file_id=8, source_file_id=7, version=1, title="t", rule="r", destination=1, recipients=(),
        web_url="https://portal.example/8", **facts,
    )  # fmt: skip
    told = InvoiceAnnounced(
        file_id=8, version=1, title="t", rule="r", recipients=("a@b.example", "c@d.example"), channels=("slack",)
    )
    assert settled(Forward(filed)).web_url == "https://portal.example/8"
    assert settled(Forward(told)).recipients == ("a@b.example", "c@d.example")
    assert settled(Forward(told)).channels == ("slack",)


def test_a_skip_tells_the_file_that_it_was_about():
    about = About(
        file_id=7, title="Contract.pdf", room_id=9, room_title="Acme", uploaded_by="Chris", uploaded_at="2026-07-02"
    )
    step = settled(Skip("no rule", Code.NO_RULE, about))
    assert (step.file_id, step.title, step.room, step.room_title) == ("7", "Contract.pdf", "9", "Acme")
    assert (step.uploaded_by, step.uploaded_at) == ("Chris", "2026-07-02")


def test_a_skip_about_nothing_adds_no_field_to_its_event():
    body = SETTLER.settle(WEBHOOK, Skip("no rule", Code.NO_RULE), 1).publication.message.body
    assert decode(body, dict).keys() == {"stage", "reason", "code", "skipped"}
    assert decode(body, EventSkipped).file_id is None


def test_a_received_webhook_tells_the_uploads_time_and_no_user_id_for_a_name():
    step = step_of(received())
    assert step is not None
    assert (step.uploaded_at, step.uploaded_by) == ("2026-07-02T09:14:30Z", None)


@pytest.mark.parametrize(
    ("retry", "due_at"),
    [
        (Retry("busy", Code.RATE_LIMIT), 1_005),
        (Retry("busy", Code.RATE_LIMIT, not_before_s=100), 1_100),  # 30 s first, and then again
        (Retry("locked", Code.LOCKED, person=True), 1_005),
    ],
)
def test_a_retry_tells_when_the_next_try_is_due_and_its_number(retry, due_at):
    step = settled(retry, now=1_000)
    assert (step.next_at, step.attempt, step.next_attempt) == (due_at, 1, 2)
    waits = upload_of([step])
    assert (waits.stage, waits.attempt, waits.next_at) == ("classifier", 2, due_at)


def test_a_try_that_was_none_keeps_its_number():
    assert upload_of([settled(Retry("busy", Code.AT_WORK, untried=True))]).attempt == 1


def test_what_is_settled_or_failed_waits_for_no_try():
    retry = settled(Retry("busy", Code.RATE_LIMIT), now=1_000)
    filed = upload_of([retry, FOUND, MOVED, TOLD])
    assert (filed.stage, filed.attempt, filed.next_at) == (None, None, None)
    died = upload_of([retry, settled(Dead("no right", Code.NO_RIGHT), replaced(WEBHOOK, attempt=2), now=1_006)])
    assert (died.stage, died.attempt, died.next_at) == ("classifier", 2, None)
    taken_up = upload_of([retry, settled(Forward(DETECTED), now=1_006)])
    assert (taken_up.stage, taken_up.attempt, taken_up.next_at) == ("mover", 1, None)


def test_filed_and_told_are_two_facts():
    assert (upload_of([RECEIVED, FOUND]).filed_at, upload_of([RECEIVED, FOUND]).announced_at) == (None, None)
    untold = upload_of([RECEIVED, FOUND, MOVED, step(Outcome.RETRY, "notifier", 3)])
    assert (untold.state, untold.standing, untold.filed_at) == (State.WAITING, Standing.FILED, 2)
    told = upload_of([RECEIVED, FOUND, MOVED, TOLD, step(Outcome.FORWARD, "notifier", 9)])
    assert (told.filed_at, told.announced_at) == (2, 4)  # not the second mail of an override
    again = step(Outcome.SKIP, "mover", 5, code="already-filed")
    assert upload_of([RECEIVED, FOUND, again]).filed_at == 5
    assert upload_of([RECEIVED, FOUND, MOVED, again]).filed_at == 2


def test_the_stage_that_came_furthest_tells_the_facts():
    steps = [
        step(Outcome.SKIP, "classifier", 9, uploaded_by="user-id"),
        step(Outcome.FORWARD, "classifier", 1, uploaded_by="user-id", recipients=("a@b.example",)),
        step(Outcome.FORWARD, "mover", 2, uploaded_by="Chris Client", web_url="https://portal.example/7"),
        step(Outcome.FORWARD, "notifier", 3, recipients=("c@d.example",), channels=("slack",)),
    ]
    for order in itertools.permutations(steps):
        upload = upload_of(order)
        assert (upload.uploaded_by, upload.recipients) == ("Chris Client", ("c@d.example",))
        assert (upload.web_url, upload.channels) == ("https://portal.example/7", ("slack",))


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


_SAY_SO = {"already-filed": (Outcome.SKIP, "mover"), "same-upload": (Outcome.SKIP, "mover")}
"""By code, who alone has it."""


def _possible(one: Step) -> Step:
    """Without a code that another outcome, or another stage, alone has."""
    return (
        one
        if _SAY_SO.get(one.code or "", (one.outcome, one.stage)) == (one.outcome, one.stage)
        else replace(one, code=None)
    )


STEPS: st.SearchStrategy[Step] = st.builds(
    step,
    st.sampled_from(Outcome),
    st.sampled_from(["ingress", "classifier", "mover", "notifier", "somebody"]),
    st.integers(0, 5),
    reason=st.sampled_from([None, "a", "b"]),
    code=st.sampled_from([None, "already-filed", "same-upload", "gone"]),
    rule=st.sampled_from([None, "acme"]),
    title=st.sampled_from([None, "x", "y"]),
).map(_possible)


@given(st.lists(STEPS, min_size=1, max_size=8, unique_by=lambda one: one.key).flatmap(
    lambda steps: st.tuples(st.just(steps), st.permutations(steps))
))  # fmt: skip
def test_the_order_in_which_steps_arrive_does_not_matter(orders):
    one, other = orders
    assert upload_of(one) == upload_of(other)


@given(st.lists(STEPS, min_size=1, max_size=8, unique_by=lambda one: one.key))
def test_what_the_row_remembers_adds_up_to_the_same_upload(steps):
    upload = upload_of(steps)
    assume(upload.state in SETTLED)
    again = upload_of(remembered(upload))
    # they may be of more steps than are remembered
    assert replace(again, last_at=upload.last_at, announced_at=upload.announced_at) == upload


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
