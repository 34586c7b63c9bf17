"""The ledger's way to its database: the table made on first use, writers in turn, every error a TransientError."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shared.database import BUSY_TIMEOUT_S, engine_for, insert_for, set_up_sqlite, url_of
from shared.errors import TransientError
from shared.ledger.table import create_on_postgres, create_on_sqlite


class Database:
    def __init__(self, database_url: str) -> None:
        url = url_of(database_url)
        self._password = url.password or ""
        self._path = Path(url.database) if url.drivername == "sqlite" and url.database else None
        self.engine = engine_for(url)
        self._prepared = False
        self._writing = threading.Lock()
        if self._path is not None:
            sa.event.listen(self.engine, "connect", set_up_sqlite)
            clock = "((julianday('now') - 2440587.5) * 86400.0)"
        else:
            clock = "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"
        self.insert = insert_for(self.engine)
        self.now: sa.ColumnElement[float] = sa.literal_column(clock, sa.Double)
        """Seconds since the epoch, by the database's clock."""

    @contextlib.contextmanager
    def connection(self, *, writes: bool = False) -> Iterator[sa.Connection]:
        try:
            if not self._prepared:
                self._prepare()
                self._prepared = True
            with self._turn(writes=writes), self.engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            self._prepared = False  # the table may be gone when the database comes back: a restored backup
            raise TransientError(f"the ledger cannot be reached: {self._sentence(error)}") from error

    @contextlib.contextmanager
    def _turn(self, *, writes: bool) -> Iterator[None]:
        """SQLite has one writer, and who finds it busy sleeps and tries again: within a process, queue for it."""
        queues = writes and self._path is not None
        if queues and not self._writing.acquire(timeout=BUSY_TIMEOUT_S):
            raise TransientError("the ledger cannot be reached: another write has not ended")
        try:
            yield
        finally:
            if queues:
                self._writing.release()

    def _prepare(self) -> None:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            create_on_sqlite(self.engine)
        else:
            create_on_postgres(self.engine)

    def _sentence(self, error: Exception) -> str:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        text = " ".join(str(cause).split()) or type(cause).__name__
        return text.replace(self._password, "***") if self._password else text


@contextlib.contextmanager
def transaction(connection: sa.Connection, *, needed: bool) -> Iterator[None]:
    """All or nothing, on a connection where else each statement commits by itself."""
    if not needed:
        yield
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")
    try:
        yield
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        with contextlib.suppress(SQLAlchemyError):
            connection.exec_driver_sql("ROLLBACK")
        raise
