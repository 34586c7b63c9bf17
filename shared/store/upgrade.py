"""Brings all tables of the database to the newest version. A worker does so too, for those that it uses."""

import contextlib
from dataclasses import dataclass

import sqlalchemy as sa

from shared.store.history.tables import Database as HistoryDatabase
from shared.store.history.versions import HISTORY
from shared.store.ledger.connection import Database
from shared.store.parts import PARTS
from shared.store.schema import VERSIONS


@dataclass(frozen=True, slots=True)
class Upgrade:
    part: str
    before: int | None
    """The version that its tables had; None: there were none, or of a release before versions were kept."""
    now: int


def upgrade(database_url: str) -> list[Upgrade]:
    """What each part of the database had and has now. Repeating is safe, and so is a start of workers meanwhile.

    TransientError where the database cannot be had, is newer than this program, or this role may not change it.
    """
    with contextlib.closing(HistoryDatabase(database_url, writes=True)) as history:
        before = _versions(history)
        for part in PARTS:
            if part is HISTORY:  # its own database makes it, with the index of its texts
                continue
            database = Database(database_url, part)
            try:
                with database.connection():
                    pass
            finally:
                database.engine.dispose()
        history.create()
        now = _versions(history)
    return [Upgrade(part.name, before.get(part.name), now[part.name]) for part in PARTS]


def _versions(database: HistoryDatabase) -> dict[str, int]:
    if not database.has_table(VERSIONS.name):
        return {}
    with database.connection() as connection:
        return {row.part: row.version for row in connection.execute(sa.select(VERSIONS))}
