"""Rows that the outbox keeps do not slow the next message: each statement finds its rows by an index."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from shared.store.database import transaction
from shared.store.ledger.connection import Database
from shared.store.outbox.tables import INVOICES, ITEMS, WINDOWS
from tests.support.outbox import ANNA, Desk

ROWS = 10_000
"""Enough for both databases to plan as they do for a million."""


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    found = Desk(database_url)
    yield found
    found.close()


def fill(desk: Desk, database: Database) -> None:
    """Of the one invoice that waits, many that were sent, or told at once."""
    invoice = {**desk.rows(INVOICES)[0], "state": "announced"}
    window = {**desk.rows(WINDOWS)[0], "state": "sent", "published_at": 1.0, "sent_at": 1.0}
    names = [str(number) for number in range(ROWS)]
    items = [
        {"channel": ANNA.channel, "key": name, "window_id": None if int(name) % 2 else f"w{name[:-1]}", "at": 1.0}
        for name in names
    ]
    with database.connection(writes=True) as connection:
        with transaction(connection):
            connection.execute(sa.insert(INVOICES), [{**invoice, "key": name} for name in names])
            connection.execute(sa.insert(ITEMS), items)
            connection.execute(sa.insert(WINDOWS), [{**window, "id": f"w{name}"} for name in names[: ROWS // 10]])
        connection.exec_driver_sql("ANALYZE")


def test_no_statement_reads_all_rows_of_the_outbox(desk):
    desk.join("first")
    (waiting,) = desk.people.waiting(1)
    database: Database = desk.windows.sending._database
    fill(desk, database)
    seen: list[tuple[str, Any]] = []
    for engine in (database.engine, desk.people._database.engine):
        sa.event.listen(engine, "before_cursor_execute", lambda *told: seen.append((told[2], told[3])))
    desk.join("next")
    desk.joining.left("next", b"{}")
    desk.joining.waits(ANNA.channel, "next")
    desk.people.waiting(10)
    desk.people.items(waiting.id, 10)
    desk.people.send_now(waiting.id)
    desk.sending.next_in_s()
    (due,) = desk.sending.due()
    desk.sending.published([due])
    desk.sending.shut(due)
    desk.sending.sent(due)
    (ready,) = desk.sending.ready()
    desk.sending.announced([ready.key])
    desk.sending.backlog()
    plans = [(sql, plan) for sql, given in list(seen) if (plan := explain(database, sql, given))]
    assert len(plans) > 20
    assert [each for each in plans if reads_all(each[1])] == []


def explain(database: Database, sql: str, given: Any) -> list[str]:
    """How the database executes it; nothing for what has no plan."""
    if sql.split(maxsplit=1)[0] not in {"SELECT", "UPDATE", "DELETE"} or "outbox" not in sql:
        return []
    with database.connection() as connection:
        if database.engine.dialect.name == "sqlite":
            return [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)]
        return [str(row[0]).strip() for row in connection.exec_driver_sql(f"EXPLAIN {sql}", given)]


def reads_all(plan: list[str]) -> bool:
    """The channels are as few as the people who are told."""
    whole = ("SCAN outbox_", "Seq Scan on outbox_", "->  Seq Scan on outbox_")
    return any(step.startswith(whole) and "USING" not in step and "outbox_channels" not in step for step in plan)
