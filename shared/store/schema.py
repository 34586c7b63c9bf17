"""Versions of the tables. A part of the database has ordered steps; the first process to start takes those missing.

Steps only add tables, indexes and nullable columns. So a program that knows fewer steps works beside one that knows
more. If something is missing although its step was taken, such as an index that was dropped, it is made again.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.schema import CreateTable

from shared.errors import RUN_TOPOLOGY, OutdatedError, TransientError
from shared.store.database import BUSY_TIMEOUT_S, SCHEMA_LOCK, clock_of, transaction
from shared.text.codes import Code

NOT_PERMITTED = "42501"
"""PostgreSQL's code for a role that may use the tables but not change them."""

RELEASED = 1
"""The version of the tables that were made before versions were kept."""

LOCK_TIMEOUT = "5s"
"""How long a change waits for its table, behind a backup for example. While it waits, everybody else waits too."""

VERSIONS = sa.Table(
    "schema_versions",
    sa.MetaData(),
    sa.Column("part", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("applied_at", sa.Double, nullable=False),  # seconds since the epoch, the database's clock
    sa.Column("first_version", sa.Integer, nullable=False),  # the version when versions were first kept here
    sa.Column("upgraded_at", sa.Double),  # time of the first upgrade; NULL where there was none
)


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: str
    """SQL that both databases understand."""


@dataclass(frozen=True, slots=True)
class Index:
    name: str
    table: str
    columns: str
    where: str = ""
    """The condition for a row to be in the index; empty: every row is."""


@dataclass(frozen=True, slots=True)
class Column:
    """It must be nullable, because programs that do not know it still insert rows."""

    table: str
    name: str
    kind: str


Change = Table | Index | Column


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    steps: tuple[tuple[Change, ...], ...]
    """The first step makes the tables as they were first released. Never edit a step that was released."""

    @property
    def newest(self) -> int:
        return len(self.steps)

    @property
    def tables(self) -> tuple[str, ...]:
        """Their names, in the order in which they came."""
        return tuple(change.name for step in self.steps for change in step if isinstance(change, Table))


def bring_up(engine: sa.Engine, part: Part) -> None:
    """Make the part's tables, or bring them to the newest version. Safe to repeat, and from several processes.

    `engine` commits each statement by itself. Raises SQLAlchemyError. Raises OutdatedError if the tables are newer
    than this program, and TransientError if they must be changed and this role may not change them; both say what
    to do.
    """
    if engine.dialect.name != "sqlite":
        _bring_up(engine, part)
        return
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:  # switching to WAL needs the database alone, and SQLite may say "locked" without waiting
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            _bring_up(engine, part)
        except OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def first_version(connection: sa.Connection, part: Part) -> int:
    """RELEASED if the first release made the tables, also after an upgrade. Call `bring_up` before."""
    query = sa.select(VERSIONS.c.first_version).where(VERSIONS.c.part == part.name)
    return int(connection.execute(query).scalar_one())


def _bring_up(engine: sa.Engine, part: Part) -> None:
    with engine.connect() as plain:
        version, missing = version_of(plain, part), _missing(plain, part)
    if version == part.newest and not missing:
        return
    try:
        with engine.connect() as connection, transaction(connection):
            if connection.dialect.name != "sqlite":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SCHEMA_LOCK)))
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            _take_steps(connection, part)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != NOT_PERMITTED:
            raise
        if version == part.newest and all(isinstance(change, Index) for change in missing):
            return  # the index only makes it faster
        raise TransientError(
            f"the tables of the {part.name} must be brought to version {part.newest}, which this role may not do: "
            f"{RUN_TOPOLOGY}, as the role that owns them",
            code=Code.DATABASE,
        ) from error


def _take_steps(connection: sa.Connection, part: Part) -> None:
    """Make what is missing. The caller holds the lock."""
    version, missing = version_of(connection, part), _missing(connection, part)
    tables = {change.name for change in part.steps[0] if isinstance(change, Table)}
    found = not tables <= {change.name for change in missing if isinstance(change, Table)}
    for change in missing:
        connection.exec_driver_sql(_sql(change))
    if version == part.newest:
        return
    if not sa.inspect(connection).has_table(VERSIONS.name):
        connection.execute(CreateTable(VERSIONS))
        if connection.dialect.name != "sqlite":  # a role with rights on the other tables only can read it
            connection.exec_driver_sql(f"GRANT SELECT ON {VERSIONS.name} TO PUBLIC")
    now = clock_of(connection.dialect.name)
    at = {"version": part.newest, "applied_at": now}
    if version is None:
        first = RELEASED if found else part.newest
        upgraded_at = now if first < part.newest else None
        row = {"part": part.name, **at, "first_version": first, "upgraded_at": upgraded_at}
        connection.execute(sa.insert(VERSIONS).values(row))
    else:
        upgraded_at = sa.func.coalesce(VERSIONS.c.upgraded_at, now)
        row = {**at, "upgraded_at": upgraded_at}
        connection.execute(sa.update(VERSIONS).where(VERSIONS.c.part == part.name).values(row))


def version_of(connection: sa.Connection, part: Part) -> int | None:
    """None if no version is kept yet. Raises OutdatedError if it is newer than this program."""
    if not sa.inspect(connection).has_table(VERSIONS.name):
        return None
    query = sa.select(VERSIONS.c.version).where(VERSIONS.c.part == part.name)
    version: int | None = connection.execute(query).scalar()
    if version is not None and version > part.newest:
        raise OutdatedError(
            f"the tables of the {part.name} are newer (version {version}) than this program, "
            f"which knows version {part.newest}: upgrade the program",
            code=Code.DATABASE,
        )
    return version


def _missing(connection: sa.Connection, part: Part) -> list[Change]:
    inspector = sa.inspect(connection)

    def is_there(change: Change) -> bool:
        match change:
            case Table(name):
                return inspector.has_table(name)
            case Index(name, table):
                return inspector.has_table(table) and _is_among(inspector.get_indexes(table), name)
            case Column(table, name):
                return inspector.has_table(table) and _is_among(inspector.get_columns(table), name)
            case _:
                assert_never(change)

    return [change for step in part.steps for change in step if not is_there(change)]


def _is_among(found: Sequence[Mapping[str, object]], name: str) -> bool:
    return any(each["name"] == name for each in found)


def _sql(change: Change) -> str:
    match change:
        case Table(name, columns):
            return f"CREATE TABLE {name} ({columns})"
        case Index(name, table, columns, where):
            return f"CREATE INDEX {name} ON {table} ({columns})" + (f" WHERE {where}" if where else "")
        case Column(table, name, kind):
            return f"ALTER TABLE {table} ADD COLUMN {name} {kind}"
        case _:
            assert_never(change)
