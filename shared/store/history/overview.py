"""What the database tells of all uploads at once: how many are under way, since when nothing came, what is begun.

The broker is not asked: this is what can be seen while it is away.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from shared.errors import PermanentError
from shared.store.history.queries import NO_HISTORY, NoHistoryError
from shared.store.history.tables import UPLOADS, Database
from shared.store.history.upload import State
from shared.store.ledger.table import ROWS
from shared.text.codes import Code


@dataclass(frozen=True, slots=True)
class Recorded:
    waiting: int
    failed: int
    last_at: float | None
    """Of the newest step, seconds since the epoch."""


def recorded(database: Database) -> Recorded:
    """Of the history. TransientError, or NoHistoryError with what to do."""
    if not database.has_history():
        raise NoHistoryError(NO_HISTORY)
    counted = sa.select(UPLOADS.c.state, sa.func.count()).where(UPLOADS.c.state.in_([State.WAITING, State.FAILED]))
    with database.connection() as connection:
        counts = {row[0]: int(row[1]) for row in connection.execute(counted.group_by(UPLOADS.c.state))}
        last_at = connection.execute(sa.select(sa.func.max(UPLOADS.c.last_at))).scalar()
    return Recorded(counts.get(State.WAITING, 0), counts.get(State.FAILED, 0), last_at)


def unfinished(database: Database) -> int:
    """Pieces of work in the ledger that a worker has begun and nobody has ended.

    TransientError, or PermanentError where no worker ever used this database.
    """
    if not database.has_table(ROWS.name):
        told = "this database has no ledger: DATABASE_URL says which one the workers use"
        raise PermanentError(told, code=Code.DATABASE)
    begun = sa.select(sa.func.count()).where(ROWS.c.completed_at.is_(None), ROWS.c.wins > 0)
    with database.connection() as connection:
        return int(connection.execute(begun).scalar_one())
