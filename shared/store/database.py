"""How SQLite in a file and PostgreSQL over the network are reached. This module knows no table."""

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from shared.store import postgres
from shared.store.private_file import make_private

BUSY_TIMEOUT_S = 10
"""How long SQLite waits for another writer. A write takes milliseconds; fifty at once take well under a second."""

SQLITE_CACHE_KIB = 256
"""The cache of each connection. SQLite's default of 2,000 is wasted: a write by another connection voids it."""

SCHEMA_LOCK = 7_203_911_064
"""The PostgreSQL advisory lock for making and changing tables. Without it two processes would race."""

_SEVERAL_HOSTS = re.compile(
    r"(?P<before>postgresql://(?:[^/?]*@)?)(?P<hosts>[^@/?]*,[^@/?]*)(?P<after>(?:[/?].*)?)"
)
_HOST_AND_PORT = re.compile(r"(?:\[(?P<bare>[^\]]+)\]|(?P<name>[^:\[\]]+))(?::(?P<port>\d*))?")

_CLOCKS = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
}


def url_of(text: str) -> sa.URL:
    """Parses `sqlite:///path` or `postgresql://…`. Raises ValueError, which does not show the URL, for another.

    PostgreSQL may have several hosts, written as for libpq: `postgresql://user:password@one:5432,two:5433/name`.
    """
    several = _SEVERAL_HOSTS.fullmatch(text)
    try:
        url = sa.make_url(several["before"] + several["after"] if several else text)
        if several:
            url = url.update_query_dict(_hosts_and_ports(several["hosts"]))
    except (ArgumentError, ValueError):
        raise ValueError(
            "the database URL cannot be read; a special character in a password is written as %XX"
        ) from None
    if url.drivername == "sqlite" and url.database and ":memory:" not in url.database:
        return url
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    raise ValueError("the database URL must be sqlite:///path or postgresql://user:password@host/name")


def _hosts_and_ports(text: str) -> dict[str, str]:
    """As libpq takes them: IPv6 addresses without brackets. Raises ValueError for a port that is no number."""
    found = [_HOST_AND_PORT.fullmatch(each) for each in text.split(",")]
    hosts = [each["bare"] or each["name"] for each in found if each]
    ports = [each["port"] or "5432" for each in found if each]
    if len(hosts) < len(found):
        raise ValueError("a host is written as name:port")
    return {"host": ",".join(hosts), "port": ",".join(ports)}


def engine_for(url: sa.URL, *, writes: bool = False) -> sa.Engine:
    """Each statement commits by itself, unless a BEGIN is sent. `writes`: refuse a PostgreSQL that is read-only."""
    if url.drivername == "sqlite":
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"timeout": BUSY_TIMEOUT_S})
        sa.event.listen(engine, "do_connect", lambda *_: make_private(Path(str(url.database))))
        return engine
    return postgres.engine_for(url, writes=writes)


def insert_for(engine: sa.Engine) -> Callable[..., Any]:
    """The INSERT of the engine's dialect, which knows ON CONFLICT. Importing both dialects would slow the start."""
    insert: Callable[..., Any] = import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert
    return insert


def clock_of(dialect: str) -> sa.ColumnElement[float]:
    """Seconds since the epoch, by the database's clock."""
    return sa.literal_column(_CLOCKS[dialect], sa.Double)


@contextlib.contextmanager
def transaction(connection: sa.Connection, *, needed: bool = True) -> Iterator[None]:
    """Commits all statements of the block together, or none. On SQLite nobody else writes meanwhile."""
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
    connection.execute("PRAGMA synchronous = FULL")  # finished work must survive a power cut
    connection.execute(f"PRAGMA cache_size = -{SQLITE_CACHE_KIB}")
