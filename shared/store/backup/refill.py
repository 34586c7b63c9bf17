"""Puts a backup's rows into an empty database: all tables in one transaction, so that it holds all of them or none.

A row of its own says which backup that was, and since when its queues are full again too: whoever is killed between
the two goes on there. Methods raise TransientError, and UnstorableError where the rows are not a backup's.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from shared.errors import TransientError
from shared.store.backup.snapshot import CHUNK, Rows, Version
from shared.store.database import clock_of, engine_for, set_up_sqlite, transaction, url_of
from shared.store.faults import UNTAKEN, UnstorableError, is_of_the_data, sentence
from shared.store.parts import PARTS
from shared.store.schema import VERSIONS, Part, Table, bring_up
from shared.text.codes import Code

RESTORED = Part(
    "restore",
    (
        (
            Table(
                "restored_backups",
                "backup TEXT NOT NULL PRIMARY KEY, at DOUBLE PRECISION NOT NULL, done_at DOUBLE PRECISION",
            ),
        ),
    ),
)
"""The table tells of this database, so no backup holds it."""
_MARKS = sa.Table(
    "restored_backups",
    sa.MetaData(),
    sa.Column("backup", sa.Text, primary_key=True),
    sa.Column("at", sa.Double, nullable=False),  # when its rows came; seconds since the epoch
    sa.Column("done_at", sa.Double),  # when its messages were there too
)


@dataclass(frozen=True, slots=True)
class Mark:
    backup: str
    done: bool


class Refill:
    """`database_url` as the ledger takes it. Makes the tables, at their newest versions."""

    def __init__(self, database_url: str) -> None:
        url = url_of(database_url)
        self._password = url.password or ""
        self._engine = engine_for(url, writes=True)
        if url.drivername == "sqlite":
            sa.event.listen(self._engine, "connect", set_up_sqlite)
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        with self._translated():
            for part in (*PARTS, RESTORED):
                bring_up(self._engine, part)

    def close(self) -> None:
        self._engine.dispose()

    def mark(self) -> Mark | None:
        """Of the last backup whose rows came here."""
        with self._connection() as connection:
            row = connection.execute(sa.select(_MARKS).order_by(_MARKS.c.at.desc()).limit(1)).first()
        return None if row is None else Mark(row.backup, row.done_at is not None)

    def held(self) -> dict[str, int]:
        """The tables that have rows, and how many."""
        with self._connection() as connection:
            counts = {
                table: int(connection.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one())
                for part in PARTS
                for table in part.tables
            }
        return {table: count for table, count in counts.items() if count}

    def fill(
        self, backup: str, versions: Mapping[str, Version], tables: Iterable[tuple[str, Rows]], *, replace: bool
    ) -> None:
        """Put the rows there, in place of all that is there if `replace`; all or nothing.

        The history reads its stream anew, as another one lies on the broker.
        """
        with self._connection() as connection, transaction(connection):
            for table in (table for part in PARTS for table in part.tables if replace):
                connection.execute(sa.delete(sa.table(table)))
            for table, rows in tables:
                _insert(connection, table, rows)
            connection.execute(sa.delete(sa.table("history_position")))
            for part in PARTS:
                if part.name in versions:
                    _keep_version(connection, part, versions[part.name])
            connection.execute(sa.delete(_MARKS))
            connection.execute(sa.insert(_MARKS).values(backup=backup, at=clock_of(connection.dialect.name)))

    def finish(self, backup: str) -> None:
        """Its messages are there too. Repeating it changes nothing."""
        done_at = sa.func.coalesce(_MARKS.c.done_at, clock_of(self._engine.dialect.name))
        with self._connection() as connection:
            connection.execute(sa.update(_MARKS).where(_MARKS.c.backup == backup).values(done_at=done_at))

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        with self._translated(), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError, *UNTAKEN) as error:
            text = sentence(error, self._password)
            if is_of_the_data(error):
                raise UnstorableError(f"the database cannot keep the backup's rows: {text}") from error
            raise TransientError(f"the database cannot be used: {text}", code=Code.DATABASE) from error


def _insert(connection: sa.Connection, table: str, rows: Rows) -> None:
    into = sa.insert(sa.table(table, *(sa.column(name) for name in rows.columns)))
    while some := list(islice(rows.values, CHUNK)):
        connection.execute(into, [dict(zip(rows.columns, row, strict=True)) for row in some])


def _keep_version(connection: sa.Connection, part: Part, was: Version) -> None:
    """An older backup's rows came into newer tables: that is an upgrade, and who asks for one is to know of it."""
    upgraded = was.upgraded_at is not None or was.version < part.newest
    upgraded_at = sa.func.coalesce(was.upgraded_at, clock_of(connection.dialect.name)) if upgraded else None
    kept = {"first_version": was.first_version, "upgraded_at": upgraded_at}
    connection.execute(sa.update(VERSIONS).where(VERSIONS.c.part == part.name).values(kept))
