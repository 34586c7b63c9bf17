"""The tables of the history, beside the ledger in its database, and how they are reached. No SQL of its own."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shared.errors import TransientError
from shared.store.database import engine_for, insert_for, set_up_sqlite, transaction, url_of
from shared.store.faults import UNTAKEN, UnstorableError, is_of_the_data, sentence
from shared.store.history import text_index
from shared.store.history.versions import DEFAULT_PORTAL, HISTORY
from shared.store.schema import bring_up
from shared.text.codes import Code

_METADATA = sa.MetaData()


class Texts(sa.TypeDecorator[tuple[str, ...]]):
    """Some texts, as a JSON array; none is NULL."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: sa.Dialect) -> str | None:
        del dialect
        return json.dumps(value) if value else None

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> tuple[str, ...]:
        del dialect
        return tuple(json.loads(value)) if value else ()


_IS_OUTDATED = sa.text("searched IS NULL")
_IS_FILED = sa.text("filed_at IS NOT NULL")
_WHERE_OUTDATED: dict[str, Any] = {"sqlite_where": _IS_OUTDATED, "postgresql_where": _IS_OUTDATED}
"""Rows of an earlier release, which are not renewed yet."""

UPLOADS = sa.Table(
    "history_uploads",
    _METADATA,
    sa.Column("correlation_id", sa.Text, primary_key=True),
    sa.Column("file_id", sa.Text, index=True),
    sa.Column("title", sa.Text),
    sa.Column("title_folded", sa.Text),  # a search in any case, in every script
    sa.Column("room", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("first_at", sa.Double, nullable=False),  # seconds since the epoch
    sa.Column("last_at", sa.Double, nullable=False),
    sa.Column("portal", sa.Text, server_default=DEFAULT_PORTAL),
    sa.Column("code", sa.Text),  # as in the steps below
    sa.Column("room_title", sa.Text),
    sa.Column("uploaded_by", sa.Text),
    sa.Column("uploaded_at", sa.Text),
    sa.Column("rule", sa.Text),
    sa.Column("destination", sa.Text),
    sa.Column("web_url", sa.Text),
    sa.Column("recipients", Texts),
    sa.Column("channels", Texts),
    sa.Column("filed_at", sa.Double),
    sa.Column("announced_at", sa.Double),
    sa.Column("stage", sa.Text),
    sa.Column("attempt", sa.Integer),
    sa.Column("next_at", sa.Double),
    sa.Column("searched", sa.Text),  # title, room's title and uploader as `searched` writes them
    sa.Column("without_steps", sa.Integer),  # 1: they were forgotten
    sa.Index("ix_history_uploads_state", "state", "last_at"),
    sa.Index("ix_history_uploads_room", "room", "last_at"),
    sa.Index("ix_history_uploads_first_at", "first_at", "correlation_id"),
    sa.Index("ix_history_uploads_state_first_at", "state", "first_at"),
    sa.Index("ix_history_uploads_room_first_at", "room", "first_at"),
    # few were filed and then skipped, as no statistics tell PostgreSQL: this index has the order of pages, too
    sa.Index(
        "ix_history_uploads_filed",
        *("state", "first_at", "correlation_id"),
        sqlite_where=_IS_FILED,
        postgresql_where=_IS_FILED,
    ),
    sa.Index("ix_history_uploads_outdated", "first_at", **_WHERE_OUTDATED),
    # with the title in it, SQLite searches titles without a look at each row: 0.2 s for a million, not 3 s
    sa.Index("ix_history_uploads_last_at", "last_at", "title_folded"),
)
TOLD_LATER = sa.func.coalesce(UPLOADS.c.code, "") == Code.WAITS_FOR_HOUR.value
"""Of uploads that wait: for the hour that who is told wants, and not for a worker."""
STEPS = sa.Table(
    "history_steps",
    _METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("correlation_id", sa.Text, nullable=False, index=True),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False, index=True),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("event_id", sa.Text, index=True),
    sa.Column("file_id", sa.Text, index=True),
    sa.Column("title", sa.Text),
    sa.Column("room", sa.Text),
    sa.Column("rule", sa.Text),
    sa.Column("portal", sa.Text, server_default=DEFAULT_PORTAL),
    sa.Column("code", sa.Text),  # short and stable, where `reason` is a sentence
    sa.Column("room_title", sa.Text),
    sa.Column("uploaded_by", sa.Text),
    sa.Column("uploaded_at", sa.Text),
    sa.Column("destination", sa.Text),
    sa.Column("web_url", sa.Text),
    sa.Column("recipients", Texts),
    sa.Column("channels", Texts),
    sa.Column("next_attempt", sa.Integer),
    sa.Column("next_at", sa.Double),
)
POSITION = sa.Table(
    "history_position",
    _METADATA,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("offset", sa.BigInteger),  # of the last message that the tables above hold
)


class Database:
    """`database_url` as the ledger takes it. Its methods raise TransientError where the database cannot be had,
    UnstorableError where it refuses what it was given.

    `writes`: a server that only reads cannot be had either. Who asks alone may ask a replica.
    """

    def __init__(self, database_url: str, *, writes: bool = False) -> None:
        url = url_of(database_url)
        self._password = url.password or ""
        self._path = Path(url.database) if url.drivername == "sqlite" and url.database else None
        self.is_sqlite = self._path is not None
        self._engine = engine_for(url, writes=writes)
        self.insert = insert_for(self._engine)
        self._writes = writes
        self._is_newest = False
        self._is_indexed = self._is_marked = False
        self._index_refused = ""
        if self.is_sqlite:
            sa.event.listen(self._engine, "connect", set_up_sqlite)

    def has_history(self) -> bool:
        """Whether a projector ever ran; then its tables can be read."""
        if self._is_newest and (self._path is None or self._path.exists()):
            return True
        exists = self.has_table(POSITION.name)
        if exists and not self._is_newest:
            self.create()  # nobody has used it since the upgrade of this program
        return exists

    def has_table(self, name: str) -> bool:
        """Makes none: a database that is not there has no table."""
        if self._path is not None and not self._path.exists():
            return False
        with self.connection() as connection:
            return sa.inspect(connection).has_table(name)

    def create(self) -> None:
        """Make what is missing. Safe to repeat, and from several processes at once."""
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._translated():
            bring_up(self._engine, HISTORY)
            if self._writes:
                self._make_text_index()
        self._is_newest = True

    def without_text_index(self) -> str | None:
        """Why words are searched without an index, and so slowly among many uploads; None: they are not."""
        if self._has_text_index():
            return None
        if self.is_sqlite:
            return "this SQLite has no FTS5 with trigrams: a newer one would search faster"
        refused = f" ({self._index_refused})" if self._index_refused else ""
        mend = "`CREATE EXTENSION pg_trgm` makes searching faster"
        return f"PostgreSQL's extension pg_trgm is not there{refused}: {mend}"

    def has_marks(self) -> bool:
        """Whether the text index holds the marks of all uploads. Then it does for good."""
        if not self._is_marked:
            with self.connection() as connection:
                self._is_marked = text_index.has_marks(connection)
        return self._is_marked

    def mark(self, limit: int) -> bool:
        """Give marks to so many uploads that a release without marks wrote; whether some may be left."""
        if self.has_marks():
            return False
        with self.transaction() as connection:
            return text_index.mark(connection, limit)

    def _has_text_index(self) -> bool:
        """Once it is there, it stays."""
        if not self._is_indexed:
            with self.connection() as connection:
                self._is_indexed = text_index.is_there(connection)
        return self._is_indexed

    def _make_text_index(self) -> None:
        try:
            if not self.has_marks():
                self._in_one(text_index.make)
            self._in_one(text_index.drop_unmarked)
        except DBAPIError as error:
            self._index_refused = sentence(error, self._password)

    def _in_one(self, change: Callable[[sa.Connection], None]) -> None:
        with self._engine.connect() as connection, transaction(connection):
            change(connection)

    def close(self) -> None:
        self._engine.dispose()

    @contextlib.contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """Each statement commits by itself."""
        with self._translated(), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """All or nothing. On SQLite the only writer meanwhile."""
        with self.connection() as connection, transaction(connection):
            yield connection

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError, *UNTAKEN) as error:
            text = sentence(error, self._password)
            if is_of_the_data(error):
                raise UnstorableError(f"the history's database cannot keep it: {text}") from error
            said = f"the history's database cannot be used: {text}"
            raise TransientError(said, code=Code.DATABASE) from error
