"""The uploads that no rule took, by when that was decided. Only reads."""

import sqlalchemy as sa

from shared.store.history.queries import NO_HISTORY, NoHistoryError
from shared.store.history.tables import UPLOADS, Database
from shared.store.history.upload import State
from shared.text.codes import Code


def untaken(database: Database, since: float, until: float, most: int) -> list[str]:
    """The ids of those of which the last thing that happened was that, from `since` on and before `until`: the
    newest, in the order of time. TransientError, or NoHistoryError with what to do.
    """
    if not database.has_history():
        raise NoHistoryError(NO_HISTORY)
    of = UPLOADS.c
    wanted = (of.state == State.SKIPPED, of.last_at >= since, of.last_at < until, of.code == Code.NO_RULE)
    newest = sa.select(of.correlation_id).where(*wanted).order_by(of.last_at.desc()).limit(most)
    with database.connection() as connection:
        return list(connection.execute(newest).scalars())[::-1]
