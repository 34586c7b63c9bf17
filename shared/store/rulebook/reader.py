"""Reads published rules, and which of them are live. It makes no table: without one none are published.

Methods raise TransientError, and what their docstrings say. Times are seconds since the epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shared.errors import TransientError
from shared.store.database import engine_for, url_of
from shared.store.faults import sentence
from shared.store.rulebook.tables import SWITCHES, TEXTS
from shared.store.rulebook.versions import RULEBOOK
from shared.store.schema import version_of
from shared.text.codes import Code

NO_TABLE = "42P01"
"""PostgreSQL's code; SQLite says it in words."""

_NEWEST = sa.select(SWITCHES.c.number).order_by(SWITCHES.c.number.desc()).limit(1)


_LIVE = sa.select(SWITCHES.c.version).order_by(SWITCHES.c.number.desc()).limit(1)


class NoVersionError(Exception):
    """No text was published under that number."""


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    text: str
    """TOML, with the secrets of its channels."""
    hash: str
    """As the workers' pages tell these rules."""
    by: str
    at: float
    comment: str
    live: bool


@dataclass(frozen=True, slots=True)
class Switch:
    """Since when a version is or was live, and who made it so."""

    number: int
    version: int
    by: str
    at: float
    comment: str


@dataclass(frozen=True, slots=True)
class Published:
    switch: int
    """Another number, other rules."""
    version: int
    text: str


class RulebookReader:
    """`database_url` as the ledger takes it. A role that may only read will do.

    It refuses a newer rulebook than this program knows, with OutdatedError.
    """

    def __init__(self, database_url: str) -> None:
        url = url_of(database_url)
        self._password = url.password or ""
        self._file = Path(url.database) if url.drivername == "sqlite" and url.database else None
        self._engine = engine_for(url)
        self._is_checked = False

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

    def versions(self) -> tuple[Version, ...]:
        """The newest first."""
        live = self._live_version()
        return tuple(_version(row, live) for row in self._rows(sa.select(TEXTS).order_by(TEXTS.c.version.desc())))

    def version(self, number: int) -> Version:
        """NoVersionError where there is none."""
        row = self._row(sa.select(TEXTS).where(TEXTS.c.version == number))
        if row is None:
            raise NoVersionError(f"no rules were published as version {number}")
        return _version(row, self._live_version())

    def current(self) -> Version | None:
        """The live one; None where nothing was published yet."""
        row = self._row(sa.select(TEXTS).where(TEXTS.c.version == _LIVE.scalar_subquery()))
        return None if row is None else _version(row, row.version)

    def switches(self) -> tuple[Switch, ...]:
        """What has been live, the latest first."""
        rows = self._rows(sa.select(SWITCHES).order_by(SWITCHES.c.number.desc()))
        return tuple(Switch(row.number, row.version, row.by, row.at, row.comment) for row in rows)

    def _live_version(self) -> int | None:
        row = self._row(_LIVE)
        return row.version if row else None

    def _row(self, query: sa.Select[Any]) -> sa.Row[Any] | None:
        return next(iter(self._rows(query)), None)

    def _rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        if self._file is not None and not self._file.exists():
            return ()  # to connect would make it
        try:
            with self._engine.connect() as connection:
                if not self._is_checked:
                    version_of(connection, RULEBOOK)
                    self._is_checked = True
                return connection.execute(query).all()
        except (SQLAlchemyError, OSError) as error:
            if _has_no_table(error):
                return ()
            said = f"the published rules cannot be read: {sentence(error, self._password)}"
            raise TransientError(said, code=Code.DATABASE) from error


def _has_no_table(error: Exception) -> bool:
    if not isinstance(error, DBAPIError):
        return False
    return getattr(error.orig, "sqlstate", None) == NO_TABLE or str(error.orig).startswith("no such table")


def _version(row: sa.Row[Any], live: int | None) -> Version:
    found = row._mapping  # noqa: SLF001 - its documented name
    return Version(
        found["version"], found["text"], found["hash"], found["by"], found["at"], found["comment"],
        live=found["version"] == live,
    )  # fmt: skip
