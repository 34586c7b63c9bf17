"""Whether an upload's event is on our own side still: by its last step, and by what lies in the queues."""

import pytest

from console.reconcile.backlog import Backlog
from console.reconcile.confirm import Evidence, confirmed
from console.reconcile.deliveries import Deliveries, read
from console.reconcile.finding import State
from console.reconcile.past_events import Past, past_of
from shared.store.history.step import Delivery, Outcome, Step
from shared.wire.stages import CLASSIFIER
from tests.unit.reconcile.desk import CLIENT, NOW, WINDOW, a_file, judge_of, judged
from tests.unit.reconcile.test_confirm import EMPTY, Log, delivery, webhook
from tests.unit.reconcile.test_deliveries import HOOK, SINCE, entry

AT = NOW.timestamp()
LONG_AGO, LONGEST_S = 1_000.0, 7_200.0
DELIVERED = read([entry(5, delivered=True)], {HOOK}, SINCE, NOW)


def step(outcome: Outcome, stage: str, ago_s: float, reason: str | None = None) -> Step:
    return Step(
        key=f"{outcome}{stage}{ago_s}", correlation_id="c", at=AT - ago_s, stage=stage, outcome=outcome, type="t",
        message_id="m", reason=reason,
    )  # fmt: skip


CAME = step(Outcome.RECEIVED, "ingress", LONG_AGO)
FOUND = step(Outcome.FORWARD, CLASSIFIER.name, LONG_AGO - 1)
BUSY = step(Outcome.RETRY, CLASSIFIER.name, LONG_AGO - 1, "the portal is down")


def backlog(retries: int = 0, spooled: int = 0, **work: int) -> Backlog:
    return Backlog(at=AT, work=work, retries=retries, spooled=spooled, longest_wait_s=LONGEST_S)


@pytest.mark.parametrize(
    ("steps", "lies", "where"),
    [
        ([CAME], backlog(classifier=3), "its event waits in the queue of the classifier"),
        ([CAME], backlog(mover=3), ""),
        ([CAME, FOUND], backlog(mover=1), "its event waits in the queue of the mover"),
        ([CAME, BUSY], backlog(retries=1), "its event is tried again: the portal is down"),
        ([CAME, BUSY], backlog(), ""),
        ([CAME, step(Outcome.RETRY, CLASSIFIER.name, LONGEST_S + 1)], backlog(retries=1), ""),
        ([step(Outcome.RECEIVED, "ingress", 20)], backlog(), "the classifier has its event in hand"),
        ([CAME, step(Outcome.SKIP, CLASSIFIER.name, 20)], backlog(classifier=3, retries=3), ""),
        ([CAME, step(Outcome.DEAD, CLASSIFIER.name, 20)], backlog(classifier=3), ""),
    ],
)
def test_an_event_is_where_its_last_step_and_the_queues_say(steps: list[Step], lies: Backlog, where: str) -> None:
    assert lies.holds(steps) == where


def looked(past: Past, lies: Backlog, deliveries: Deliveries = EMPTY) -> tuple[State, str]:
    judge = judge_of()
    evidence = Evidence(past, deliveries, Log(), WINDOW.until, lies)
    (found,) = confirmed(judge, [judged(a_file(), judge)], evidence)
    return found.finding.state, found.finding.reason


def arrived(app: str) -> Delivery:
    return delivery(webhook(CLIENT), "webhook.file.uploaded", app=app)


@pytest.mark.parametrize("sender", ["ingress", "reconcile"])
def test_what_waits_for_a_worker_is_not_missed_whoever_sent_it_in(sender: str) -> None:
    past = past_of([arrived(sender)], {"7"})
    assert looked(past, backlog(classifier=1)) == (State.WAITING, "its event waits in the queue of the classifier")
    assert looked(past, backlog())[0] is State.MISSED


def test_what_was_delivered_and_never_published_may_lie_in_a_spool() -> None:
    said = "events wait in a spool, and its own may be one of them"
    assert looked(Past(), backlog(spooled=2), DELIVERED) == (State.WAITING, said)
    assert looked(Past(), backlog(), DELIVERED)[0] is State.MISSED
    assert looked(Past(), backlog(spooled=2))[0] is State.MISSED  # the portal's log has no webhook of it


def test_without_a_history_full_queues_make_what_was_delivered_wait() -> None:
    assert looked(Past(is_told=False), backlog(mover=1), DELIVERED)[0] is State.WAITING
    assert looked(Past(is_told=False), backlog(), DELIVERED)[0] is State.MISSED
    assert looked(Past(), backlog(mover=1), DELIVERED)[0] is State.MISSED  # a history would have told
