"""Keeps the steps of the stream in the database: a batch and the stream's offset in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from shared.history.queries import STEP_FIELDS, UPLOAD_FIELDS, step_from, steps_where
from shared.history.step import Step
from shared.history.tables import POSITION, SEARCHED_CHARS, STEPS, UPLOADS, Database
from shared.history.upload import Upload, upload_of
from shared.history.versions import DEFAULT_PORTAL

STREAM = "history"
PRUNE_BATCH = 500
"""Uploads that one transaction forgets: SQLite keeps every other writer off meanwhile."""


class Store:
    """For one thread; several processes may write at once. Methods raise TransientError, and may be repeated."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = database.insert

    def offset(self) -> int | None:
        """Of the last message that is kept; None before the first."""
        with self._database.connection() as connection:
            return connection.execute(sa.select(POSITION.c.offset).where(POSITION.c.stream == STREAM)).scalar()

    def restart(self) -> None:
        """The stream is another one, and begins anew: no offset of the old one means anything in it."""
        with self._database.transaction() as connection:
            connection.execute(sa.delete(POSITION))

    def record(self, steps: Sequence[Step], offset: int) -> None:
        """Keep them, and that the stream was read up to `offset`. A step that is there already adds nothing."""
        with self._database.transaction() as connection:
            self._move_to(connection, offset)  # first: its row is the lock between two writers
            if steps:
                rows = [_row(step, STEP_FIELDS) for step in steps]
                connection.execute(self._insert(STEPS).on_conflict_do_nothing(), rows)
                self._summarize(connection, sorted({step.correlation_id for step in steps}))

    def forget(self, before: float) -> int:
        """Drop the uploads whose last step was before that time; how many."""
        dropped = 0
        while True:
            with self._database.transaction() as connection:
                old = sa.select(UPLOADS.c.correlation_id).where(UPLOADS.c.last_at < before).limit(PRUNE_BATCH)
                ids = list(connection.execute(old).scalars())
                for table in (STEPS, UPLOADS):
                    connection.execute(sa.delete(table).where(table.c.correlation_id.in_(ids)))
            dropped += len(ids)
            if len(ids) < PRUNE_BATCH:
                return dropped

    def _move_to(self, connection: sa.Connection, offset: int) -> None:
        insert = self._insert(POSITION).values(stream=STREAM, offset=offset)
        connection.execute(insert.on_conflict_do_update(index_elements=["stream"], set_={"offset": offset}))

    def _summarize(self, connection: sa.Connection, ids: Sequence[str]) -> None:
        steps = defaultdict(list)
        for row in connection.execute(steps_where(STEPS.c.correlation_id.in_(ids))):
            steps[row.correlation_id].append(step_from(row))
        uploads = [summary(known) for known in steps.values()]
        insert = self._insert(UPLOADS)
        changed = {name: insert.excluded[name] for name in UPLOADS.c.keys() if name != "correlation_id"}  # noqa: SIM118
        connection.execute(insert.on_conflict_do_update(index_elements=["correlation_id"], set_=changed), uploads)


def summary(steps: Sequence[Step]) -> dict[str, Any]:
    """The row of an upload; `steps` are all of its."""
    upload = upload_of(steps)
    folded = upload.title.casefold()[:SEARCHED_CHARS] if upload.title else None
    return {**_row(upload, UPLOAD_FIELDS), "title_folded": folded}


def _row(record: Step | Upload, names: Sequence[str]) -> dict[str, Any]:
    """`asdict` copies deeply, which was a third of all that a batch took."""
    return {"portal": DEFAULT_PORTAL, **{name: getattr(record, name) for name in names}}
