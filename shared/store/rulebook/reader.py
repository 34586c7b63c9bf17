"""Reads which rules are live, for those that run with them. It makes no table: without one none are published."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shared.errors import TransientError
from shared.store.database import engine_for, url_of
from shared.store.faults import sentence
from shared.store.rulebook.tables import SWITCHES, TEXTS
from shared.text.codes import Code

NO_TABLE = "42P01"
"""PostgreSQL's code; SQLite says it in words."""

_NEWEST = sa.select(SWITCHES.c.number).order_by(SWITCHES.c.number.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Published:
    switch: int
    """Another number, other rules."""
    version: int
    text: str


class RulebookReader:
    """`database_url` as the ledger takes it. A role that may only read will do."""

    def __init__(self, database_url: str) -> None:
        url = url_of(database_url)
        self._password = url.password or ""
        self._file = Path(url.database) if url.drivername == "sqlite" and url.database else None
        self._engine = engine_for(url)

    def close(self) -> None:
        self._engine.dispose()

    def switch(self) -> int:
        """The number of the last switch, 0 where nothing was published; one small query. TransientError."""
        found = self._row(_NEWEST)
        return found.number if found else 0

    def live(self) -> Published | None:
        """The live rules; None where nothing was published. TransientError."""
        both = sa.select(SWITCHES.c.number, TEXTS.c.version, TEXTS.c.text)
        joined = both.join_from(SWITCHES, TEXTS, SWITCHES.c.version == TEXTS.c.version)
        found = self._row(joined.order_by(SWITCHES.c.number.desc()).limit(1))
        return Published(found.number, found.version, found.text) if found else None

    def _row(self, query: sa.Select[tuple[object, ...]]) -> sa.Row[tuple[object, ...]] | None:
        if self._file is not None and not self._file.exists():
            return None  # to connect would make it
        try:
            with self._engine.connect() as connection:
                return connection.execute(query).one_or_none()
        except (SQLAlchemyError, OSError) as error:
            if _has_no_table(error):
                return None
            said = f"the published rules cannot be read: {sentence(error, self._password)}"
            raise TransientError(said, code=Code.DATABASE) from error


def _has_no_table(error: Exception) -> bool:
    if not isinstance(error, DBAPIError):
        return False
    return getattr(error.orig, "sqlstate", None) == NO_TABLE or str(error.orig).startswith("no such table")
