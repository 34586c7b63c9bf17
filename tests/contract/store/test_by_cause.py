"""What waits for a person and what is late is counted by cause, on SQLite and PostgreSQL alike."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.store.history.by_cause import Group, dead, on_their_way
from shared.store.history.queries import NoHistoryError
from shared.store.history.step import Outcome, Step
from shared.store.history.store import Store
from shared.store.history.tables import Database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def step(upload: str, outcome: Outcome, at: float, stage: str = "mover", **facts: Any) -> Step:
    return Step(
        key=f"{upload} {outcome} {at}", correlation_id=upload, at=at, stage=stage, outcome=outcome,
        type="invoice.detected", message_id=upload, **facts,
    )  # fmt: skip


def test_where_no_projector_ran_it_is_not_known(database: Database) -> None:
    with pytest.raises(NoHistoryError):
        dead(database)


def test_uploads_are_counted_by_the_code_of_why_they_are_where_they_are(database: Database) -> None:
    database.create()
    locked = {"code": "locked", "reason": "Ann locked it"}
    Store(database).record(
        [
            step("a", Outcome.RECEIVED, 10, "ingress", title="Invoice A.pdf"),
            step("a", Outcome.DEAD, 30, **locked),
            step("b", Outcome.DEAD, 20, **locked),
            step("c", Outcome.DEAD, 25),
            step("d", Outcome.RETRY, 40, code="portal-unreachable", reason="503"),
            step("e", Outcome.RECEIVED, 50, "ingress"),
            step("f", Outcome.RECEIVED, 9_000, "ingress"),
            step("g", Outcome.FORWARD, 9, "notifier"),
        ],
        offset=1,
    )
    assert dead(database) == [
        Group("locked", "mover", 2, 20.0, "b", "Ann locked it"),
        Group("", "mover", 1, 25.0, "c", ""),
    ]
    assert on_their_way(database, before=5_000.0) == [
        Group("", "classifier", 1, 50.0, "e", ""),
        Group("portal-unreachable", "mover", 1, 40.0, "d", "503"),
    ]
