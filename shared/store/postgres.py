"""How PostgreSQL is reached: directly or through a pooler, and past a failover. It knows no table.

Behind a pooler nothing outlives a transaction on the server: the next one may be on another server connection.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError

CONNECT_TIMEOUT_S = 5
"""A database that does not answer so long is down; the message waits in the broker instead."""

CONNECT: dict[str, Any] = {
    "connect_timeout": str(CONNECT_TIMEOUT_S),
    "keepalives_idle": "10",
    "keepalives_interval": "5",  # else the kernel's 75 s: it is then that tcp_user_timeout is looked at
    "tcp_user_timeout": "10000",  # milliseconds: a connection that died silently is noticed, not waited for
    "prepare_threshold": None,  # of a pooler's connections it would be one that knows the statement
}
WRITES = {"target_session_attrs": "read-write"}
"""A server that only reads refuses the connection: of several hosts, libpq goes on to the next one."""

PREPARE_AFTER = 5
"""Executions of a statement, as psycopg has it. Sets of claims are more than twice as fast prepared as not."""

POOL_SIZE = 20
"""Connections a process may hold; a thread has one for a millisecond or two."""

OF_THE_SERVER = frozenset({"08", "25", "53", "57", "58", "F0", "XX"})
"""Classes of SQLSTATE that speak of the connection or of the server behind it, and not of the statement."""

QUERY_CANCELED = "57014"
"""Of the statement all the same: somebody ended it, and the server goes on."""

WHO = "SELECT pg_backend_pid(), current_setting('transaction_read_only')"

_FRESH = "fresh"


def engine_for(url: sa.URL, *, writes: bool) -> sa.Engine:
    """Each statement commits by itself, unless a BEGIN is sent. `writes`: only a server that writes will do.

    Where the address leads to another server by now, the connections to the old one may live on and be of no use.
    So each is asked before it is used whether it still writes, and one that tells of trouble on its server is
    closed: all that the pool holds with it, and the next ones are new.
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
        if writes and only_reads == "on":  # a pooler tells libpq what was so when it connected itself
            connection.close()
            raise driver.OperationalError("session is read-only")  # in libpq's words
        if process == connection.info.backend_pid:  # a pooler names none of its server processes
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
    """Whether an error says that other statements would not fare better on the connections that there are.

    25006 is a server that only reads, 57P01 one that ends, 57P03 one that starts, 53100 one whose disk is full.
    """
    return sqlstate is not None and sqlstate[:2] in OF_THE_SERVER and sqlstate != QUERY_CANCELED


def _judge(context: ExceptionContext) -> None:
    if is_of_the_server(getattr(context.original_exception, "sqlstate", None)):
        context.is_disconnect = True
