"""What waits for a person and what is on its way for too long, counted by cause. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from shared.store.history.queries import NO_HISTORY, NoHistoryError
from shared.store.history.tables import TOLD_LATER, UPLOADS, Database
from shared.store.history.upload import State


@dataclass(frozen=True, slots=True)
class Group:
    """Uploads that are where they are for the same reason; never none."""

    code: str
    """Of the reason (`shared.text.codes`); "" where none was given."""
    stage: str
    """That they wait for or failed at; "" where an earlier release kept the row."""
    count: int
    since: float
    """When the oldest of them had its last step, or for those on their way its first: seconds since the epoch."""
    example: str
    """The title of the oldest, or its id where it has none."""
    reason: str
    """Its sentence."""


def dead(database: Database) -> list[Group]:
    """Those whose dead letter waits. TransientError, or NoHistoryError with what to do."""
    return _groups(database, [UPLOADS.c.state == State.FAILED], UPLOADS.c.last_at)


def on_their_way(database: Database, before: float) -> list[Group]:
    """Those that came before then, and are not done; not those that are told later. The same errors."""
    late = [UPLOADS.c.state == State.WAITING, UPLOADS.c.first_at < before, ~TOLD_LATER]
    return _groups(database, late, UPLOADS.c.first_at)


def _groups(
    database: Database, wanted: Sequence[sa.ColumnElement[bool]], since: sa.ColumnElement[float]
) -> list[Group]:
    """The largest first."""
    if not database.has_history():
        raise NoHistoryError(NO_HISTORY)
    code, stage = sa.func.coalesce(UPLOADS.c.code, ""), sa.func.coalesce(UPLOADS.c.stage, "")
    counted = sa.select(code, stage, sa.func.count(), sa.func.min(since)).where(*wanted).group_by(code, stage)
    with database.connection() as connection:
        rows = connection.execute(counted.order_by(sa.func.count().desc(), code, stage)).all()
        return [
            Group(name, at, int(count), first, *_example(connection, [*wanted, code == name, stage == at], since))
            for name, at, count, first in rows
        ]


def _example(
    connection: sa.Connection, wanted: Sequence[sa.ColumnElement[bool]], since: sa.ColumnElement[float]
) -> tuple[str, str]:
    """What the oldest is called and why it is there; empty where it was settled since they were counted."""
    oldest = sa.select(UPLOADS.c.title, UPLOADS.c.correlation_id, UPLOADS.c.reason).where(*wanted).order_by(since)
    row = connection.execute(oldest.limit(1)).first()
    return (row.title or row.correlation_id, row.reason or "") if row else ("", "")
