"""Reads all tables of the database as they were at one moment. Others may go on writing meanwhile."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from shared.errors import PermanentError, TransientError
from shared.store.database import engine_for, url_of
from shared.store.faults import sentence
from shared.store.parts import PARTS, refuse_newer
from shared.store.schema import VERSIONS
from shared.text.codes import Code

CHUNK = 1000
"""Rows in memory at a time."""
BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
"""SQLite's tables stay as they were from the first statement on."""


class NoDatabaseError(PermanentError):
    """No process ever ran with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Of a part's tables, as `shared.store.schema` keeps it."""

    version: int
    first_version: int
    upgraded_at: float | None


@dataclass(frozen=True, slots=True)
class Rows:
    columns: tuple[str, ...]
    values: Iterator[Sequence[Any]]


class Snapshot:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        there = set(sa.inspect(connection).get_table_names())
        self.tables = tuple(table for part in PARTS for table in part.tables if table in there)
        """By the order of PARTS; those of parts that nobody used yet are missing."""

    def versions(self) -> dict[str, Version]:
        """Of each part that was used. Raises OutdatedError if one is newer than this program."""
        if not sa.inspect(self._connection).has_table(VERSIONS.name):
            return {}
        refuse_newer(self._connection)
        rows = self._connection.execute(
            sa.select(VERSIONS).where(VERSIONS.c.part.in_([part.name for part in PARTS]))
        )
        return {
            row.part: Version(version=row.version, first_version=row.first_version, upgraded_at=row.upgraded_at)
            for row in rows
        }

    def rows(self, table: str) -> Rows:
        """All of a table's, in no order. Read them before those of the next."""
        columns = tuple(column["name"] for column in sa.inspect(self._connection).get_columns(table))
        wanted: list[sa.ColumnClause[Any]] = [sa.column(name) for name in columns]
        query = sa.select(*wanted).select_from(sa.table(table))
        result = self._connection.execute(query, execution_options={"yield_per": CHUNK})
        return Rows(columns, (tuple(row) for row in result))


@contextlib.contextmanager
def snapshot(database_url: str) -> Iterator[Snapshot]:
    """`database_url` as the ledger takes it; nothing is written there. TransientError, NoDatabaseError."""
    url = url_of(database_url)
    if url.drivername == "sqlite" and not Path(str(url.database)).exists():
        raise NoDatabaseError(f"there is no database {url.database}: DATABASE_URL says which one the workers use")
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(BEGIN[engine.dialect.name])
            yield Snapshot(connection)
            connection.exec_driver_sql("ROLLBACK")
    except (SQLAlchemyError, OSError) as error:
        said = f"the database cannot be read: {sentence(error, url.password or '')}"
        raise TransientError(said, code=Code.DATABASE) from error
    finally:
        engine.dispose()
