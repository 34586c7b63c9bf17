"""Forgets what is old, in small transactions: first an upload's steps, long afterwards its row."""

import sqlalchemy as sa

from shared.store.history.remembered import SETTLED
from shared.store.history.tables import STEPS, UPLOADS, Database

BATCH = 500
"""Uploads that one transaction forgets: SQLite keeps every other writer off meanwhile."""


class Retention:
    """For one thread. Methods raise TransientError, and may be repeated."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_to = 0.0
        """Up to this time of their last step, settled uploads have no steps any more."""

    def forget_steps(self, before: float) -> int:
        """Drop the steps of settled uploads whose last one was before that time; of how many uploads.

        What they add up to stays in the upload's row.
        """
        forgotten = 0
        while ids := self._settled(before):
            with self._database.transaction() as connection:
                still = sa.select(UPLOADS.c.correlation_id).where(
                    UPLOADS.c.correlation_id.in_(ids), _is_settled(before)
                )
                ids = list(connection.execute(still).scalars())  # one may have got a step since
                connection.execute(sa.delete(STEPS).where(STEPS.c.correlation_id.in_(ids)))
                mine = UPLOADS.c.correlation_id.in_(ids)
                connection.execute(sa.update(UPLOADS).where(mine).values(without_steps=1))
            forgotten += len(ids)
        self._looked_to = max(self._looked_to, before)
        return forgotten

    def forget_uploads(self, before: float) -> int:
        """Drop the uploads whose last step was before that time, and what steps they have; how many."""
        dropped = 0
        while True:
            with self._database.transaction() as connection:
                old = sa.select(UPLOADS.c.correlation_id).where(UPLOADS.c.last_at < before).limit(BATCH)
                ids = list(connection.execute(old).scalars())
                for table in (STEPS, UPLOADS):
                    connection.execute(sa.delete(table).where(table.c.correlation_id.in_(ids)))
            dropped += len(ids)
            if len(ids) < BATCH:
                return dropped

    def _settled(self, before: float) -> list[str]:
        """Looked for outside of a transaction: among many, that may take a second."""
        wanted = (UPLOADS.c.last_at >= self._looked_to, _is_settled(before))
        found = sa.select(UPLOADS.c.correlation_id, UPLOADS.c.last_at).where(*wanted).order_by(UPLOADS.c.last_at)
        with self._database.connection() as connection:
            rows = connection.execute(found.limit(BATCH)).all()
        if rows:
            self._looked_to = rows[0].last_at
        return [row.correlation_id for row in rows]


def _is_settled(before: float) -> sa.ColumnElement[bool]:
    """And has steps."""
    state, without = UPLOADS.c.state.in_(SETTLED), UPLOADS.c.without_steps.is_(None)
    return sa.and_(UPLOADS.c.last_at < before, state, without)
