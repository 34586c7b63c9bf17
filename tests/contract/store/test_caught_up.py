"""What became of the uploads that waited, and whether a week lost any, on SQLite and PostgreSQL alike."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.operator import weekly
from console.reconcile.forever import FULL
from console.reconcile.hiding import HIDING
from shared.store.history.caught_up import CameIn, CaughtUp, came_in, caught_up
from shared.store.history.queries import NoHistoryError
from shared.store.history.step import RECONCILER, Outcome, Step
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.sweeps.store import SweepStore

END = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
BEGIN_S = (END - timedelta(days=7)).timestamp()
END_S = END.timestamp()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as found:
        yield found


@pytest.fixture
def sweeps(database_url: str) -> Iterator[SweepStore]:
    with closing(SweepStore(database_url)) as found:
        yield found


def step(upload: str, outcome: Outcome, at: float, stage: str = "ingress", **facts: Any) -> Step:
    return Step(
        key=f"{upload} {stage} {outcome} {at}", correlation_id=upload, at=at, stage=stage, outcome=outcome,
        type="invoice.detected", message_id=upload, **facts,
    )  # fmt: skip


def filed(upload: str, came_at: float, told_at: float, by: str = "ingress") -> list[Step]:
    return [
        step(upload, Outcome.RECEIVED, came_at, by),
        step(upload, Outcome.FORWARD, told_at - 1, "mover"),
        step(upload, Outcome.FORWARD, told_at, "notifier"),
    ]


def test_those_count_that_had_come_and_were_not_settled_at_that_moment(database: Database) -> None:
    database.create()
    steps = [
        *filed("before", 10, 20),
        *filed("waited", 10, 60),
        *filed("came later", 55, 60),
        step("still waits", Outcome.RECEIVED, 20),
        step("late", Outcome.RECEIVED, 56),
        step("died", Outcome.RECEIVED, 30),
        step("died", Outcome.DEAD, 70, "mover"),
        step("no invoice", Outcome.RECEIVED, 30),
        step("no invoice", Outcome.SKIP, 61, "classifier"),
    ]
    Store(database).record(steps, offset=1)
    assert caught_up(database, 50) == CaughtUp(told=1, waiting=1, failed=1)


def test_without_a_history_neither_is_known(database: Database) -> None:
    with pytest.raises(NoHistoryError):
        caught_up(database, 50)
    with pytest.raises(NoHistoryError):
        came_in(database, 0, 50)


def test_what_the_reconciler_alone_brought_is_told_from_what_it_brought_as_well(database: Database) -> None:
    database.create()
    steps = [
        *filed("by webhook", BEGIN_S + 10, BEGIN_S + 20),
        *filed("swept", BEGIN_S + 30, BEGIN_S + 40, RECONCILER),
        *filed("both", BEGIN_S + 50, BEGIN_S + 90),
        step("both", Outcome.RECEIVED, BEGIN_S + 60, RECONCILER),
        *filed("the week before", BEGIN_S - 20, BEGIN_S + 20, RECONCILER),
        step("waits", Outcome.RECEIVED, BEGIN_S + 70),
    ]
    Store(database).record(steps, offset=1)
    assert came_in(database, BEGIN_S, END_S) == CameIn(uploads=4, swept=1, waiting=1, failed=0)


def test_a_week_in_which_all_was_compared_lost_nothing(database: Database, sweeps: SweepStore) -> None:
    database.create()
    Store(database).record(filed("a", BEGIN_S + 10, BEGIN_S + 20), offset=1)
    Store(database).record(filed("b", BEGIN_S + 10, BEGIN_S + 20, RECONCILER), offset=2)
    sweeps.set_note(FULL, json.dumps({"began_at": END_S - 3600}))
    told = weekly.announcement(weekly.week(database, sweeps, END))
    said = "Nothing was lost: 2 uploads came in, 1 by webhooks and 1 that comparing with the portal found."
    assert told.subject == said
    assert told.text == f"{said}\nThis is about the seven days up to 2026-11-30 08:00 UTC.\n"


@pytest.mark.parametrize(
    ("notes", "doubt"),
    [
        ({}, "the portal was never compared with as a whole"),
        ({FULL: json.dumps({"began_at": END_S - 60 * 3600})}, "last compared with as a whole 60 hours ago"),
        (
            {FULL: json.dumps({"began_at": END_S - 3600}), HIDING: "the webhook is off"},
            "events are hidden now: the webhook is off",
        ),
    ],
)
def test_a_week_that_was_not_compared_is_never_said_to_have_lost_nothing(
    database: Database, sweeps: SweepStore, notes: dict[str, str], doubt: str
) -> None:
    database.create()
    Store(database).record(filed("a", BEGIN_S + 10, BEGIN_S + 20), offset=1)
    for name, value in notes.items():
        sweeps.set_note(name, value)
    told = weekly.announcement(weekly.week(database, sweeps, END))
    assert told.subject == "It is not known whether anything was lost this week"
    assert doubt in told.text
    assert "1 upload came in" in told.text


def test_a_week_without_a_history_is_not_said_to_have_lost_nothing(database: Database, sweeps: SweepStore) -> None:
    sweeps.set_note(FULL, json.dumps({"began_at": END_S - 3600}))
    told = weekly.announcement(weekly.week(database, sweeps, END))
    assert told.subject == "It is not known whether anything was lost this week"
    assert "no history is kept" in told.text
