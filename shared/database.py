"""How the databases are reached: SQLite in a file, PostgreSQL over the network. It knows no table."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

CONNECT_TIMEOUT_S = 5
"""A database that does not answer so long is down; the message waits in the broker instead."""

BUSY_TIMEOUT_S = 10
"""How long SQLite waits for another writer. A write takes milliseconds; fifty at once take well under a second."""

SQLITE_CACHE_KIB = 256
"""Of each connection. SQLite's own 2,000 fill with the file, in vain: any other connection's write voids them."""

POSTGRES_CONNECT = {
    "connect_timeout": str(CONNECT_TIMEOUT_S),
    "keepalives_idle": "10",
    "keepalives_interval": "5",  # else the kernel's 75 s: it is then that tcp_user_timeout is looked at
    "tcp_user_timeout": "10000",  # milliseconds: a connection that died silently is noticed, not waited for
}
POOL_SIZE = 20
"""Connections to PostgreSQL a process may hold; a thread has one for a millisecond or two."""

SCHEMA_LOCK = 7_203_911_064
"""PostgreSQL's advisory lock around making and changing tables: two processes would race."""

_CLOCKS = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
}


def url_of(text: str) -> sa.URL:
    """ValueError, without the URL in it, for what is neither `sqlite:///path` nor `postgresql://…`."""
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
    """Each statement commits by itself, unless a BEGIN is sent."""
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


def insert_for(engine: sa.Engine) -> Callable[..., Any]:
    """The INSERT of that database's dialect, which knows ON CONFLICT. To import both would delay the start."""
    insert: Callable[..., Any] = import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert
    return insert


def clock_of(dialect: str) -> sa.ColumnElement[float]:
    """Seconds since the epoch, by the database's clock."""
    return sa.literal_column(_CLOCKS[dialect], sa.Double)


@contextlib.contextmanager
def transaction(connection: sa.Connection, *, needed: bool = True) -> Iterator[None]:
    """All or nothing, on a connection where else each statement commits by itself. On SQLite the only writer."""
    if not needed:
        yield
        return
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "BEGIN ISOLATION LEVEL READ COMMITTED")
    try:
        yield
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        with contextlib.suppress(SQLAlchemyError):
            connection.exec_driver_sql("ROLLBACK")
        raise


def set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = FULL")  # what is said to be done must outlive a power cut
    connection.execute(f"PRAGMA cache_size = -{SQLITE_CACHE_KIB}")
