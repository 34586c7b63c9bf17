"""The ledger: who does which piece of work, how far it came, and what is done. One table, one primitive: `claim`.

It knows nothing of files or mail; a worker names its work with a key of its own. Every statement is atomic by
itself and commits at once. Times are the database's clock, so that the workers' clocks may differ. One Ledger
serves many threads; any number of processes may share a database. Methods raise TransientError, and only that.
"""

import sqlite3
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from shared.errors import TransientError

T = TypeVar("T")

CONNECT_TIMEOUT_S = 5
"""A database that does not answer so long is down; the message waits in the broker instead."""

BUSY_TIMEOUT_S = 10
"""How long SQLite waits for another writer. A write takes milliseconds; fifty at once take well under a second."""

POSTGRES_CONNECT = {
    "connect_timeout": str(CONNECT_TIMEOUT_S),
    "keepalives_idle": "10",
    "keepalives_interval": "5",  # else the kernel's 75 s: it is then that tcp_user_timeout is looked at
    "tcp_user_timeout": "10000",  # milliseconds: a connection that died silently is noticed, not waited for
}
POOL_SIZE = 20
"""Connections to PostgreSQL a process may hold; a thread has one for a millisecond or two."""

SCHEMA_LOCK = 7_203_911_064
"""PostgreSQL's advisory lock around creating the table: IF NOT EXISTS alone fails when two processes race."""

PRUNE_BATCH = 500
"""Rows that one statement deletes: SQLite keeps every other writer off for some milliseconds then, not seconds."""

NOT_PERMITTED = "42501"
"""PostgreSQL's code for a role that may use the table and not change it."""

COMPLETE_PATIENCE_S = 10
"""A database that restarts is back by then, and the message's handler has far longer."""

CLAIM_ROUNDS = 20
"""A row that changed hands between two looks is looked at again; so often in a row means a fault."""

ROWS = sa.Table(
    "ledger",
    sa.MetaData(),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("token", sa.Text),  # of the last winner, until it gives the claim back; stays when its lease runs out
    sa.Column("owner", sa.Text),  # the process that won, for people
    sa.Column("leased_until", sa.Double),  # seconds since the epoch, the database's clock
    sa.Column("wins", sa.Integer, nullable=False),
    sa.Column("progress", sa.Text),
    sa.Column("result", sa.Text),  # set once, and then the row never changes
    sa.Column("completed_at", sa.Double),
)
BY_AGE = sa.Index("ledger_completed_at", ROWS.c.completed_at)
OPEN = ROWS.c.result.is_(None)


@dataclass(frozen=True, slots=True)
class Won:
    """The work is yours until the lease ends; `token` proves it."""

    token: str
    progress: str | None = None
    """What an earlier holder noted."""
    taken_over: bool = False
    """An earlier holder may have begun: its lease ran out, or it gave back with progress. Look before you act."""


@dataclass(frozen=True, slots=True)
class Held:
    """Another holds it, for `remaining_s` seconds at most."""

    remaining_s: float
    owner: str = ""
    progress: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    result: str


@dataclass(frozen=True, slots=True)
class Free:
    """Nobody holds it, and it is not done."""

    progress: str | None = None


class Ledger:
    """`database_url` is `sqlite:///path` or `postgresql://…`; ValueError, without the URL in it, for anything else.

    `owner` names this process to people who look. Connects on first use, and creates the table then.
    """

    def __init__(self, database_url: str, *, owner: str) -> None:
        url = url_of(database_url)
        self._owner = owner
        self._password = url.password or ""
        self._path = Path(url.database) if url.drivername == "sqlite" and url.database else None
        self._engine = engine_for(url)
        if self._path is not None:
            sa.event.listen(self._engine, "connect", set_up_sqlite)
            self._now: sa.ColumnElement[float] = sa.literal_column(
                "((julianday('now') - 2440587.5) * 86400.0)", sa.Double
            )
        else:
            self._now = sa.literal_column(
                "CAST(extract(epoch FROM clock_timestamp()) AS double precision)", sa.Double
            )
        self._insert: Callable[..., Any] = postgresql.insert if self._path is None else sqlite.insert
        self._prepared = False

    def __repr__(self) -> str:
        return f"Ledger({self._engine.url.render_as_string(hide_password=True)!r}, owner={self._owner!r})"

    def claim(self, key: str, lease_s: float) -> Won | Held | Done:
        """Take the work named `key` for `lease_s` seconds, unless another holds it or it is done.

        Of any number of callers at once exactly one wins. Repeating is safe, but the winner too is told Held.
        """
        return self._run(lambda connection: self._claim(connection, key, lease_s))

    def note(self, key: str, token: str, progress: str) -> None:
        """Remember how far the work came; kept when the claim is given back or its lease runs out.

        Does nothing where another took the claim over meanwhile or the work is done. Repeating is safe.
        """
        mine = sa.update(ROWS).where(ROWS.c.key == key, ROWS.c.token == token, OPEN)
        self._run(lambda connection: connection.execute(mine.values(progress=progress)))

    def complete(self, key: str, result: str) -> None:
        """The work is done, whoever holds the claim by now. Repeating is safe: the first result stays.

        Tries for COMPLETE_PATIENCE_S: what is done and not recorded may be done again.
        """
        done = {"token": None, "leased_until": None, "result": result, "completed_at": self._now}
        statement = (
            self._insert(ROWS)
            .values(key=key, owner=self._owner, wins=0, **done)
            .on_conflict_do_update(index_elements=[ROWS.c.key], set_=done, where=OPEN)
        )
        deadline = time.monotonic() + COMPLETE_PATIENCE_S
        while True:
            try:
                self._run(lambda connection: connection.execute(statement))
            except TransientError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def release(self, key: str, token: str) -> None:
        """Give the claim back, so that the next attempt wins at once. Repeating is safe, and so is coming too late.

        An untouched claim leaves no trace; else the next winner is told that it takes over.
        """
        mine = (ROWS.c.key == key, ROWS.c.token == token, OPEN)
        untouched = sa.delete(ROWS).where(*mine, ROWS.c.wins == 1, ROWS.c.progress.is_(None))
        begun = sa.update(ROWS).where(*mine).values(token=None, leased_until=None)

        def give_back(connection: sa.Connection) -> None:
            connection.execute(untouched)
            connection.execute(begun)

        self._run(give_back)

    def peek(self, key: str) -> Done | Held | Free:
        """How the work named `key` stands, without claiming it."""
        return self._run(lambda connection: self._look(connection, key))

    def prune(self, older_than_s: float, at_most: int = PRUNE_BATCH) -> int:
        """Forget some of what was completed more than so many seconds ago, the oldest first; how many rows.

        Work not done is never forgotten. A key that is forgotten can be won anew: keep for longer than a
        message may come back.
        """
        old = (
            sa.select(ROWS.c.key)
            .where(ROWS.c.completed_at < self._now - older_than_s)
            .order_by(ROWS.c.completed_at)
            .limit(at_most)
        )
        forget = sa.delete(ROWS).where(ROWS.c.key.in_(old))
        return self._run(lambda connection: connection.execute(forget).rowcount)

    def check(self) -> str | None:
        """Why the ledger cannot be used, or None. Raises nothing; waits at most about CONNECT_TIMEOUT_S."""
        try:
            self._run(lambda connection: connection.execute(sa.select(ROWS.c.key).limit(1)).first())
        except TransientError as error:
            return str(error)
        return None

    def close(self) -> None:
        """Close the connections. A later call opens new ones."""
        self._engine.dispose()

    def _claim(self, connection: sa.Connection, key: str, lease_s: float) -> Won | Held | Done:
        token = uuid.uuid4().hex
        mine = {"token": token, "owner": self._owner, "leased_until": self._now + lease_s}
        free = sa.or_(ROWS.c.leased_until.is_(None), ROWS.c.leased_until <= self._now)
        statement = (
            self._insert(ROWS)
            .values(key=key, wins=1, **mine)
            .on_conflict_do_update(
                index_elements=[ROWS.c.key], set_={**mine, "wins": ROWS.c.wins + 1}, where=sa.and_(OPEN, free)
            )
            .returning(ROWS.c.wins, ROWS.c.progress)
        )
        for _ in range(CLAIM_ROUNDS):
            won = connection.execute(statement).first()
            if won is not None:
                return Won(token, won.progress, taken_over=won.wins > 1)
            found = self._look(connection, key)
            if not isinstance(found, Free):
                return found
        raise TransientError(f"the ledger's row {key} changes hands too fast")

    def _look(self, connection: sa.Connection, key: str) -> Done | Held | Free:
        remaining = (ROWS.c.leased_until - self._now).label("remaining_s")
        row = connection.execute(sa.select(ROWS, remaining).where(ROWS.c.key == key)).first()
        if row is None:
            return Free()
        if row.result is not None:
            return Done(row.result)
        if row.remaining_s is not None and row.remaining_s > 0:
            return Held(row.remaining_s, row.owner, row.progress)
        return Free(row.progress)

    def _run(self, work: Callable[[sa.Connection], T]) -> T:
        try:
            if not self._prepared:
                self._prepare()
                self._prepared = True
            with self._engine.connect() as connection:
                return work(connection)
        except (SQLAlchemyError, OSError) as error:
            self._prepared = False  # the table may be gone when the database comes back: a restored backup
            raise TransientError(f"the ledger cannot be reached: {self._sentence(error)}") from error

    def _prepare(self) -> None:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._prepare_sqlite()
            return
        with self._engine.connect() as plain:
            inspector = sa.inspect(plain)
            exists = inspector.has_table(ROWS.name)
            if exists and any(index["name"] == BY_AGE.name for index in inspector.get_indexes(ROWS.name)):
                return
        try:
            self._create()
        except DBAPIError as error:
            # a role that may not change the table can still work with it; pruning is slower then
            if not exists or getattr(error.orig, "sqlstate", None) != NOT_PERMITTED:
                raise

    def _create(self) -> None:
        with (
            self._engine.connect().execution_options(isolation_level="READ COMMITTED") as connection,
            connection.begin(),
        ):
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SCHEMA_LOCK)))
            connection.execute(CreateTable(ROWS, if_not_exists=True))
            connection.execute(CreateIndex(BY_AGE, if_not_exists=True))

    def _prepare_sqlite(self) -> None:
        """Switching to WAL asks for the database alone, and SQLite may say "locked" without waiting: ask again."""
        deadline = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                with self._engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                    connection.execute(CreateTable(ROWS, if_not_exists=True))
                    connection.execute(CreateIndex(BY_AGE, if_not_exists=True))
            except OperationalError as error:
                if "locked" not in str(error.orig) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def _sentence(self, error: Exception) -> str:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        text = " ".join(str(cause).split()) or type(cause).__name__
        return text.replace(self._password, "***") if self._password else text


def url_of(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError(
            "the database URL cannot be read; a special character in a password is written as %XX"
        ) from None
    if url.drivername == "sqlite" and url.database and ":memory:" not in url.database:
        return url
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    raise ValueError("the database URL must be sqlite:///path or postgresql://user:password@host/name")


def engine_for(url: sa.URL) -> sa.Engine:
    if url.drivername == "sqlite":
        return sa.create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"timeout": BUSY_TIMEOUT_S})
    return sa.create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_pre_ping=True,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        connect_args={name: value for name, value in POSTGRES_CONNECT.items() if name not in url.query},
    )


def set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = FULL")  # what is said to be done must outlive a power cut
