"""Connects to the ledger's database: makes the tables on first use, queues SQLite's writers, translates errors."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from shared.errors import TransientError
from shared.store.database import BUSY_TIMEOUT_S, clock_of, engine_for, insert_for, set_up_sqlite, url_of
from shared.store.faults import UNTAKEN, UnstorableError, is_of_the_data, sentence
from shared.store.ledger.versions import LEDGER
from shared.store.schema import Part, bring_up
from shared.text.codes import Code


class Database:
    def __init__(self, database_url: str, part: Part = LEDGER) -> None:
        """`part` has the tables to make. Errors show its name."""
        url = url_of(database_url)
        self._part = part
        self._password = url.password or ""
        self._path = Path(url.database) if url.drivername == "sqlite" and url.database else None
        self.engine = engine_for(url, writes=True)
        self._prepared = False
        self.write_failed = False
        """A write failed, and not because of its data. If the disk is full, reading still works."""
        self._writing = threading.Lock()
        if self._path is not None:
            sa.event.listen(self.engine, "connect", set_up_sqlite)
        self.insert = insert_for(self.engine)
        self.now = clock_of(self.engine.dialect.name)

    @contextlib.contextmanager
    def connection(self, *, writes: bool = False) -> Iterator[sa.Connection]:
        try:
            if not self._prepared:
                self._prepare()
                self._prepared = True
            with self._turn(writes=writes), self.engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError, *UNTAKEN) as error:
            if self._prepared and is_of_the_data(error):
                raise UnstorableError(
                    f"the {self._part.name} cannot keep it: {sentence(error, self._password)}"
                ) from error
            self.write_failed = self.write_failed or writes
            self._prepared = False  # the database may come back as an older backup, without the table
            said = f"the {self._part.name} cannot be reached: {sentence(error, self._password)}"
            raise TransientError(said, code=Code.DATABASE) from error

    @contextlib.contextmanager
    def _turn(self, *, writes: bool) -> Iterator[None]:
        """SQLite has one writer at a time, and others sleep and retry. Threads of this process queue instead."""
        queues = writes and self._path is not None
        if queues and not self._writing.acquire(timeout=BUSY_TIMEOUT_S):
            sentence = f"the {self._part.name} cannot be reached: another write has not ended"
            raise TransientError(sentence, code=Code.DATABASE)
        try:
            yield
        finally:
            if queues:
                self._writing.release()

    def _prepare(self) -> None:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        bring_up(self.engine, self._part)
