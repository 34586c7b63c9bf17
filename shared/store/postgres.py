"""How PostgreSQL is reached: directly or through a pooler, and after a failover. This module knows no table.

Behind a pooler, nothing on the server may be relied on after a transaction: the next one may get another server
connection.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError

CONNECT_TIMEOUT_S = 5
"""If a database does not answer for so long, it is down. The message then waits in the broker."""

CONNECT: dict[str, Any] = {
    "connect_timeout": str(CONNECT_TIMEOUT_S),
    "keepalives_idle": "10",
    "keepalives_interval": "5",  # the kernel's default is 75 s, and tcp_user_timeout is only checked then
    "tcp_user_timeout": "10000",  # milliseconds: then a connection that died silently is given up
    "prepare_threshold": None,  # behind a pooler, the next server connection would not know the statement
}
WRITES = {"target_session_attrs": "read-write"}
"""Refuses a read-only server. If there are several hosts, libpq then tries the next one."""

PREPARE_AFTER = 5
"""Executions before a statement is prepared: psycopg's default. Sets of claims are then twice as fast."""

POOL_SIZE = 20
"""The most connections of a process. A thread needs one for a millisecond or two."""

OF_THE_SERVER = frozenset({"08", "25", "53", "57", "58", "F0", "XX"})
"""Classes of SQLSTATE that are about the connection or its server, not about the statement."""

QUERY_CANCELED = "57014"
"""In class 57, yet about the statement: somebody cancelled it, and the server goes on."""

WHO = "SELECT pg_backend_pid(), current_setting('transaction_read_only')"

_FRESH = "fresh"


def engine_for(url: sa.URL, *, writes: bool) -> sa.Engine:
    """Each statement commits by itself, unless a BEGIN is sent. `writes`: refuse a server that is read-only.

    After a failover the address leads to another server, while connections to the old one may still be open. So
    each connection is asked before use whether its server still writes. If one reports trouble on its server, all
    connections in the pool are closed, and the next ones are new.
    """
    connect = CONNECT | WRITES if writes else CONNECT
    engine = sa.create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        connect_args={name: value for name, value in connect.items() if name not in url.query},
    )
    driver = engine.dialect.loaded_dbapi

    def is_new(connection: Any, record: Any) -> None:
        process, only_reads = connection.execute(WHO).fetchone()
        if writes and only_reads == "on":  # a pooler reports what it saw when it connected
            connection.close()
            raise driver.OperationalError("session is read-only")  # in libpq's words
        if process == connection.info.backend_pid:  # false behind a pooler, which sends a pid of its own
            connection.prepare_threshold = PREPARE_AFTER
        record.info[_FRESH] = True

    def ask(connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.pop(_FRESH, False):
            return
        try:
            (only_reads,) = connection.execute("SHOW transaction_read_only").fetchone()
        except driver.Error as error:
            raise InvalidatePoolError("the connection is broken") from error
        if only_reads == "on":
            raise InvalidatePoolError("the server writes no more")

    sa.event.listen(engine, "connect", is_new)
    sa.event.listen(engine, "checkout", ask)
    sa.event.listen(engine, "handle_error", _judge)
    return engine


def is_of_the_server(sqlstate: str | None) -> bool:
    """Whether the error is about the server, so that any other statement would fail on these connections too.

    Examples: 25006 the server is read-only, 57P01 it stops, 57P03 it starts, 53100 its disk is full.
    """
    return sqlstate is not None and sqlstate[:2] in OF_THE_SERVER and sqlstate != QUERY_CANCELED


def _judge(context: ExceptionContext) -> None:
    if is_of_the_server(getattr(context.original_exception, "sqlstate", None)):
        context.is_disconnect = True
