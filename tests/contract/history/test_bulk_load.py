"""The bench's bulk load writes the rows that the projector's Store writes of the same events."""

import contextlib
import itertools
from typing import Any

import sqlalchemy as sa

from bench import history_uploads
from bench.history_stencils import Facts, file_of, steps_of, upload_of
from shared.store.history.filter import Filter
from shared.store.history.queries import Queries
from shared.store.history.store import Store
from shared.store.history.tables import STEPS, UPLOADS, Database
from shared.store.history.upload import State
from shared.store.history.versions import HISTORY
from shared.store.schema import Index

COUNT = 461
NUMBERS = {State.SKIPPED: 7, State.FILED: 44, State.FAILED: 400, State.WAITING: 461}
IDS = ("key", "message_id", "event_id", "correlation_id")


def rows(database: Database, table: sa.Table, upload: str) -> list[dict[str, Any]]:
    with database.connection() as connection:
        found = connection.execute(sa.select(table).where(table.c.correlation_id == upload)).mappings()
        return [dict(row) for row in found]


def without_ids(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In their order, and with the same number for the same id."""
    ordered = sorted(rows, key=lambda row: (row["at"], row["event_id"]))
    names = dict(zip(dict.fromkeys(row[name] for row in ordered for name in IDS), itertools.count(), strict=False))
    return [row | {name: names[row[name]] for name in IDS} for row in ordered]


def facts_of(number: int, row: dict[str, Any]) -> Facts:
    """What it came with, by chance, in that load."""
    told = {name: row[name] for name in ("title", "room", "room_title", "uploaded_by")}
    return Facts(number=number, at=row["first_at"], **told)


def test_a_bulk_load_writes_the_rows_that_the_store_writes_of_the_same_events(database_url):
    history_uploads.build(database_url, COUNT)
    with contextlib.closing(Database(database_url)) as database:
        queries = Queries(database)
        for state, number in NUMBERS.items():
            (loaded,) = rows(database, UPLOADS, upload_of(number))
            steps = steps_of(state, facts_of(number, loaded))
            Store(database).record(steps, offset=number)
            (stored,) = rows(database, UPLOADS, steps[0].correlation_id)
            assert (loaded["state"], loaded["file_id"]) == (state, file_of(number))
            assert loaded | {"correlation_id": stored["correlation_id"]} == stored
            by_load, by_store = (rows(database, STEPS, row["correlation_id"]) for row in (loaded, stored))
            assert len(by_load) == 6
            assert without_ids(by_load) == without_ids(by_store)
            asked = Filter(words=(loaded["title"],), state=state, room=loaded["room"])
            found = queries.page(asked, limit=9).uploads
            assert {upload.correlation_id for upload in found} == {upload_of(number), steps[0].correlation_id}
        assert queries.count(Filter(), most=COUNT) == COUNT + 1


def test_a_bulk_load_leaves_the_indexes_that_the_product_makes(database_url):
    history_uploads.build(database_url, 8)
    made = {change.name for step in HISTORY.steps for change in step if isinstance(change, Index)}
    with contextlib.closing(Database(database_url)) as database:
        with database.connection() as connection:
            inspector = sa.inspect(connection)
            left = {index["name"] for table in (UPLOADS, STEPS) for index in inspector.get_indexes(table.name)}
        assert made <= left
        assert database.without_text_index() is None
        assert database.has_marks()
