"""How the databases are reached: SQLite in a file, PostgreSQL over the network. It knows no table."""

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
"""Of each connection. SQLite's own 2,000 fill with the file, in vain: any other connection's write voids them."""

SCHEMA_LOCK = 7_203_911_064
"""PostgreSQL's advisory lock around making and changing tables: two processes would race."""

_SEVERAL_HOSTS = re.compile(
    r"(?P<before>postgresql://(?:[^/?]*@)?)(?P<hosts>[^@/?]*,[^@/?]*)(?P<after>(?:[/?].*)?)"
)
_HOST_AND_PORT = re.compile(r"(?:\[(?P<bare>[^\]]+)\]|(?P<name>[^:\[\]]+))(?::(?P<port>\d*))?")

_CLOCKS = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
}


def url_of(text: str) -> sa.URL:
    """ValueError, without the URL in it, for what is neither `sqlite:///path` nor `postgresql://…`.

    PostgreSQL's hosts may be several, as libpq writes them: `postgresql://user:password@one:5432,two:5433/name`.
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
    """ValueError for a port that is no number. An address of IPv6 is in brackets there, and here without."""
    found = [_HOST_AND_PORT.fullmatch(each) for each in text.split(",")]
    hosts = [each["bare"] or each["name"] for each in found if each]
    ports = [each["port"] or "5432" for each in found if each]
    if len(hosts) < len(found):
        raise ValueError("a host is written as name:port")
    return {"host": ",".join(hosts), "port": ",".join(ports)}


def engine_for(url: sa.URL, *, writes: bool = False) -> sa.Engine:
    """Each statement commits by itself, unless a BEGIN is sent. `writes`: no PostgreSQL that only reads will do."""
    if url.drivername == "sqlite":
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"timeout": BUSY_TIMEOUT_S})
        sa.event.listen(engine, "do_connect", lambda *_: make_private(Path(str(url.database))))
        return engine
    return postgres.engine_for(url, writes=writes)


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
