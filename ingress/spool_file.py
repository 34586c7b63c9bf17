"""The spool's file: a SQLite database that one process has to itself.

Not thread-safe; `ingress.spool` takes care of that. If the file is corrupt or not ours, it is renamed and kept,
never overwritten.
"""

import errno
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import structlog

from ingress.webhook import raw_message
from shared.errors import TransientError
from shared.runtime.crash_points import CrashPoint, reached
from shared.store.private_file import make_private
from shared.wire.message import Message

APPLICATION_ID = 0x49_4E_54_4B
"""Marks the file as ours, in SQLite's header."""
ROW_BYTES = 512
"""The bytes that an event takes beside its body: ids, indexes, page overhead. Rounded up."""
REASON_CHARS = 1000

PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE})
"""The errors after which the file may be opened later. After any other error the path is a wrong setting."""
PASSING_IN_SQLITE = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM}
)

log = structlog.get_logger()


class SpoolError(TransientError):
    """The spool cannot be read or written now: it is full, or its disk fails."""


class SpoolInUseError(Exception):
    """Another process has this spool open."""


class SpoolPathError(Exception):
    """No file can be created there: the path is a directory, or its folder forbids it."""


class Held(NamedTuple):
    """Counts of what is in the file, set aside or not."""

    events: int
    """Events that wait for the broker."""
    size: int
    """Bytes of bodies and overhead, with the events that were set aside."""
    aside: int
    """Events that the broker refuses, or that cannot be read: they wait for a person."""


class SpoolFile:
    """Every method may raise SpoolError; nothing was written then."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or creates it. SpoolInUseError, SpoolPathError; SpoolError if it may be opened later."""
        try:
            if path.is_dir():
                raise SpoolPathError(f"{path} is a directory")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _open(path)
        except OSError as error:
            if error.errno in PASSING:
                raise SpoolError(f"the spool cannot be opened: {error}") from error
            raise SpoolPathError(f"{path} cannot be opened: {error.strerror or error}") from error
        with self._failing():
            self.held = self._counted()

    def insert(self, messages: Sequence[Message]) -> None:
        """On disk when this returns. An event whose id is there already is not stored again."""
        count, size, aside = self.held
        with self._failing(), self._connection:
            for message in messages:
                added = self._connection.execute(
                    "INSERT OR IGNORE INTO events"
                    " (message_id, correlation_id, type, received_at, received_ms, body) VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        *(message.message_id, message.correlation_id, message.type, message.timestamp),
                        *(_milliseconds(message.received_at), message.body),
                    ),
                )
                if added.rowcount:
                    count += 1
                    size += len(message.body) + ROW_BYTES
            reached(CrashPoint.SPOOL_WRITTEN)
        self.held = Held(count, size, aside)

    def oldest(self, limit: int) -> list[Message]:
        """Up to `limit` events, in the order in which they were stored. Those that cannot be read are set aside."""
        with self._failing():
            positions = self._connection.execute(
                "SELECT position FROM events ORDER BY position LIMIT ?", (limit,)
            ).fetchall()
        read = [(position, self._read(position)) for (position,) in positions]
        for position, message in read:
            if isinstance(message, str):
                self._set_aside("position", position, message)
        return [message for _, message in read if isinstance(message, Message)]

    def remove(self, messages: Sequence[Message]) -> None:
        """Remove these events. Repeating is safe."""
        count, size, aside = self.held
        with self._failing(), self._connection:
            for message in messages:
                removed = self._connection.execute("DELETE FROM events WHERE message_id = ?", (message.message_id,))
                if removed.rowcount:
                    count -= 1
                    size -= len(message.body) + ROW_BYTES
        self.held = Held(count, size, aside)

    def set_aside(self, message: Message, reason: str) -> None:
        """Set an event aside: it waits for a person, and the events behind it go on. Repeating is safe."""
        self._set_aside("message_id", message.message_id, reason)

    def oldest_at(self) -> float | None:
        """When the oldest event was received, in seconds since the epoch."""
        with self._failing():
            (first,) = self._connection.execute("SELECT min(received_at) FROM events").fetchone()
        return None if first is None else float(first)

    def try_disk(self) -> None:
        """Write something in one transaction; it is on disk when this returns."""
        with self._failing(), self._connection:
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            self._connection.execute(f"PRAGMA user_version = {(version + 1) % 1_000_000}")

    def close(self) -> None:
        self._connection.close()

    def _read(self, position: int) -> Message | str:
        """The event, or why it cannot be read."""
        try:
            body, type_, message_id, correlation_id, at, at_ms = self._connection.execute(
                "SELECT body, type, message_id, correlation_id, received_at, received_ms FROM events"
                " WHERE position = ?",
                (position,),
            ).fetchone()
        except sqlite3.Error as error:
            if _code(error) is not None:
                raise SpoolError(f"the spool cannot be read: {error}") from error
            return f"it cannot be read: {error}"  # not SQLite's own: text that is no UTF-8
        texts = (type_, message_id, correlation_id)
        if not (isinstance(body, bytes) and isinstance(at, int) and all(isinstance(t, str) for t in texts)):
            return "it cannot be read: a value has not the type that its column should have"
        return raw_message(body, type_, message_id, correlation_id, at_ms / 1000 if isinstance(at_ms, int) else at)

    def _set_aside(self, column: str, value: object, reason: str) -> None:
        row = (reason[:REASON_CHARS], int(time.time()), value)
        with self._failing(), self._connection:
            moved = self._connection.execute(_COPY_ASIDE.format(column), row).rowcount
            self._connection.execute(f"DELETE FROM events WHERE {column} = ?", (value,))  # noqa: S608 - a name of ours
            held = self._counted()
        self.held = held
        if moved:
            log.error("spool.event_set_aside", reason=reason, **{column: value}, set_aside=held.aside)

    def _counted(self) -> Held:
        sums = f"SELECT count(*), coalesce(sum(length(body) + {ROW_BYTES}), 0)"
        count, size = self._connection.execute(f"{sums} FROM events").fetchone()
        aside, aside_size = self._connection.execute(f"{sums} FROM set_aside").fetchone()
        return Held(count, size + aside_size, aside)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise SpoolError(f"the spool cannot be written: {error}") from error


_COPY_ASIDE = (
    "INSERT OR IGNORE INTO set_aside (message_id, correlation_id, type, received_at, body, reason, at)"
    " SELECT message_id, correlation_id, type, received_at, body, ?, ? FROM events WHERE {} = ?"
)


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise SpoolInUseError(f"{path} is in use by another process") from error
        if _code(error) in PASSING_IN_SQLITE or _may_be_writable(path.parent):
            raise SpoolError(f"the spool cannot be opened: {error}") from error
        raise SpoolPathError(f"{path} cannot be opened: {error}") from error
    except sqlite3.DatabaseError as error:
        aside = path.with_name(f"{path.name}.aside-{time.time_ns()}")
        path.rename(aside)
        for suffix in ("-wal", "-shm"):  # they belong to the file that was moved
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + suffix))
        log.exception("spool.set_aside", path=str(path), kept_as=str(aside), reason=str(error))
        return _connect(path)


def _milliseconds(at: float | None) -> int | None:
    """The milliseconds of the time of arrival. They have a column of their own, because an older release reads
    and writes whole seconds alone.
    """
    return None if at is None else round(at * 1000)


def _code(error: sqlite3.Error) -> int | None:
    """SQLite's primary result code; None where it is not SQLite that failed."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _may_be_writable(folder: Path) -> bool:
    """Whether the disk's state alone keeps us from opening the file. For this and for a wrong path, SQLite gives
    the same error.
    """
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY) or os.access(folder, os.W_OK | os.X_OK)


def _connect(path: Path) -> sqlite3.Connection:
    """sqlite3.DatabaseError if the file is corrupt or not a spool; OperationalError if it is locked."""
    make_private(path)
    if not path.exists():
        path.touch()  # says why not
    connection = sqlite3.connect(path, timeout=1, check_same_thread=False)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # in WAL: an fsync before every commit returns
        _verify(connection)
        columns = (
            "message_id TEXT NOT NULL UNIQUE, correlation_id TEXT NOT NULL, type TEXT NOT NULL,"
            " received_at INTEGER NOT NULL, body BLOB NOT NULL"
        )
        with connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS events (position INTEGER PRIMARY KEY AUTOINCREMENT, {columns})"
            )
            if not connection.execute(
                "SELECT 1 FROM pragma_table_info('events') WHERE name = 'received_ms'"
            ).fetchone():
                connection.execute("ALTER TABLE events ADD COLUMN received_ms INTEGER")
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS set_aside ({columns}, reason TEXT NOT NULL, at INTEGER NOT NULL)"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def _verify(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and found != APPLICATION_ID:
        raise sqlite3.DatabaseError("it is a database of something else")
    (state,) = connection.execute("PRAGMA quick_check").fetchone()
    if state != "ok":
        raise sqlite3.DatabaseError(f"it is corrupt: {state}")
