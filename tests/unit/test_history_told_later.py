"""An upload whose recipients are told later: filed, neither late nor tried again, and told when that was done."""

from datetime import UTC

import pytest

from console.history.words import sentence, word
from console.reconcile.backlog import Backlog
from shared.runtime.settle import Settler
from shared.store.history.step import Outcome, Step, step_of
from shared.store.history.upload import Standing, State, Upload, upload_of
from shared.text.codes import Code
from shared.wire.events import DigestDue, DigestSent, InvoiceAnnounced, InvoiceFiled, NotificationWaiting, encode
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Retry, Skip
from tests.unit.test_history import FOUND, MOVED, RECEIVED, SETTLER, on_stream, step

EIGHT = 1_764_576_000.0
"""2025-12-01 08:00:00 UTC."""
NOTIFIER = Settler("notifier", SETTLER.ladder, app_id="notifier", by="notifier@host:1")
FILED = Message(
    body=encode(
        InvoiceFiled(
            file_id=7, source_file_id=7, version=1, title="Invoice 7.pdf", rule="r", destination=1, recipients=()
        )
    ),
    type="invoice.filed", message_id="m", correlation_id="c", timestamp=3,
)  # fmt: skip
WAITING = NotificationWaiting(
    file_id=7, version=1, title="Invoice 7.pdf", rule="r", until=EIGHT, recipients=("a@example.com",)
)
ANNOUNCED = InvoiceAnnounced(
    file_id=7, version=1, title="Invoice 7.pdf", rule="r", recipients=("a@example.com", "b@example.com")
)


def settled(outcome, at: float, message: Message = FILED) -> Step | None:
    return step_of(on_stream(NOTIFIER.settle(message, outcome, at).publication))


def upload(*outcomes) -> Upload:
    moved = step(Outcome.FORWARD, "mover", 2, recipients=("a@example.com", "b@example.com"))
    steps = [settled(outcome, 3.0 + number) for number, outcome in enumerate(outcomes)]
    return upload_of([RECEIVED, FOUND, moved, *(each for each in steps if each)])


def test_it_is_filed_and_says_when_it_is_told():
    waiting = upload(Forward(WAITING))
    assert (waiting.state, waiting.standing) == (State.WAITING, Standing.FILED)
    assert (waiting.stage, waiting.next_at, waiting.code) == ("notifier", EIGHT, "waits-for-hour")
    assert (waiting.announced_at, waiting.filed_at) == (None, 2)
    assert waiting.recipients == ("a@example.com", "b@example.com")  # all of them, not only who waits
    assert (waiting.told_later, waiting.tried_later) == (True, False)
    assert (word(waiting), sentence(waiting, EIGHT - 3600, UTC)) == ("Filed", "to be told at 08:00")
    assert sentence(waiting, EIGHT + 1, UTC) == "being told"


def test_once_all_were_told_it_is_as_any_other():
    told = upload(Forward(WAITING), Forward(ANNOUNCED))
    assert (told.state, told.announced_at, told.code, told.next_at) == (State.FILED, 4.0, None, None)
    assert (told.told_later, told.tried_later) == (False, False)


@pytest.mark.parametrize(
    "outcomes",
    [
        [Retry("mail later", Code.MAIL_LATER), Forward(WAITING)],
        [Forward(WAITING), Skip("it waits to be told, by the message m", Code.WAITS_FOR_HOUR)],
        [Dead("550", Code.MAIL_REFUSED), Forward(WAITING)],
    ],
)
def test_it_waits_whatever_came_before_and_whatever_its_twin_says(outcomes):
    waiting = upload(*outcomes)
    assert waiting.told_later
    assert waiting.announced_at is None


def test_who_was_not_told_needs_a_person_all_the_same():
    assert upload(Forward(WAITING), Dead("550", Code.MAIL_REFUSED)).state is State.FAILED


def test_a_message_about_many_invoices_is_no_step_of_any_upload():
    due = Message(
        body=encode(DigestDue(window="w")), type="digest.due", message_id="d", correlation_id="w", timestamp=3
    )
    for outcome in (
        Forward(DigestSent(window="w", to="a@example.com", count=3)),
        Skip("told already", Code.ALREADY_ANNOUNCED),
        Retry("later", Code.MAIL_LATER),
        Dead("never", Code.MAIL_REFUSED),
    ):
        assert settled(outcome, 4.0, due) is None
    assert settled(Skip("told already", Code.ALREADY_ANNOUNCED), 4.0) is not None


def test_a_sweep_knows_that_nothing_of_it_is_lost():
    steps = [RECEIVED, FOUND, MOVED, settled(Forward(WAITING), 3.0)]
    backlog = Backlog(at=EIGHT, work={}, retries=0, spooled=0)
    assert backlog.holds([each for each in steps if each]) == "it is filed, and told later"


def test_logs_and_metrics_call_it_what_it_is():
    assert NOTIFIER.settle(FILED, Forward(WAITING), 3.0).kind == "wait"
    assert NOTIFIER.settle(FILED, Forward(ANNOUNCED), 3.0).kind == "forward"
