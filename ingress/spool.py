"""The ingress's own store, for events that the broker does not take now. On disk before `store` returns.

SQLite with one writer thread: what waits is written in one transaction with one fsync, so a flood does not crawl.
One process has the file to itself. A file that is corrupt or not ours is set aside, never overwritten.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue

import structlog

from ingress.webhook import raw_message
from shared.crash_points import CrashPoint, reached
from shared.errors import TransientError
from shared.message import Message
from shared.private_file import make_private
from shared.waiting import Event

APPLICATION_ID = 0x49_4E_54_4B
"""Marks the file as ours, in SQLite's header."""
ROW_BYTES = 512
"""What an event takes beside its body: ids, indexes, page overhead. Rounded up."""

log = structlog.get_logger()


class SpoolError(TransientError):
    """The event was not stored: the spool is full, or its disk fails."""


class SpoolInUseError(Exception):
    """Another process has this spool open."""


class _Waiting:
    """One event on its way to the disk."""

    __slots__ = ("done", "error", "message")

    def __init__(self, message: Message, done: Event) -> None:
        self.message = message
        self.error: str | None = None
        self.done = done


class Spool:
    """Safe to use from several threads. `max_bytes` bounds bodies and overhead together."""

    def __init__(self, path: Path, max_bytes: int, new_event: Callable[[], Event] = threading.Event) -> None:
        """Opens or makes the file; SpoolInUseError if another process has it, OSError if it cannot be made.

        `new_event` makes what a caller of `store` waits for.
        """
        self._new_event = new_event
        self._max_bytes = max_bytes
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = _open(path)
        self._lock = threading.Lock()
        """Guards the connection and the counters."""
        self._count, self._bytes = self._connection.execute(
            f"SELECT count(*), coalesce(sum(length(body) + {ROW_BYTES}), 0) FROM events"  # noqa: S608 - a constant
        ).fetchone()
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="spool", daemon=True)
        self._writer.start()

    def __len__(self) -> int:
        return int(self._count)

    def store(self, message: Message) -> None:
        """Return once it is on disk; SpoolError if it is not. Repeating stores it once: ids are unique."""
        if fault := self.check():
            raise SpoolError(fault)
        waiting = _Waiting(message, self._new_event())
        self._waiting.put(waiting)
        waiting.done.wait()
        if waiting.error is not None:
            raise SpoolError(waiting.error)

    def check(self) -> str | None:
        """Why no event can be stored now, else None."""
        if self._bytes >= self._max_bytes:
            return f"the spool is full: {self._count} events, {self._bytes} of {self._max_bytes} bytes"
        return None

    def oldest(self, limit: int) -> list[Message]:
        """Up to `limit` events, in the order in which they were stored."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT body, type, message_id, correlation_id, received_at FROM events ORDER BY position LIMIT ?",
                (limit,),
            ).fetchall()
        return [raw_message(*row) for row in rows]

    def remove(self, messages: Sequence[Message]) -> None:
        """They are elsewhere now. Repeating is safe."""
        with self._lock, self._connection:
            for message in messages:
                removed = self._connection.execute("DELETE FROM events WHERE message_id = ?", (message.message_id,))
                if removed.rowcount:
                    self._count -= 1
                    self._bytes -= len(message.body) + ROW_BYTES

    def oldest_age_s(self) -> float:
        """Seconds since the oldest stored event was received; 0 when empty."""
        with self._lock:
            (first,) = self._connection.execute("SELECT min(received_at) FROM events").fetchone()
        return 0.0 if first is None else max(0.0, time.time() - first)

    def close(self) -> None:
        self._waiting.put(None)
        self._writer.join()
        with self._lock:
            self._connection.close()

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            while not self._waiting.empty() and (following := self._waiting.get()) is not None:
                batch.append(following)
            try:
                self._insert([waiting.message for waiting in batch])
            except sqlite3.Error as error:
                log.exception("spool.failed")
                for waiting in batch:
                    waiting.error = f"the spool cannot be written: {error}"
            for waiting in batch:
                waiting.done.set()

    def _insert(self, messages: Sequence[Message]) -> None:
        with self._lock:
            count, size = self._count, self._bytes
            with self._connection:
                for message in messages:
                    added = self._connection.execute(
                        "INSERT OR IGNORE INTO events (message_id, correlation_id, type, received_at, body)"
                        " VALUES (?, ?, ?, ?, ?)",
                        (message.message_id, message.correlation_id, message.type, message.timestamp, message.body),
                    )
                    if added.rowcount:
                        count += 1
                        size += len(message.body) + ROW_BYTES
                reached(CrashPoint.SPOOL_WRITTEN)
            self._count, self._bytes = count, size


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise SpoolInUseError(f"{path} is in use by another process") from error
        raise OSError(f"{path} cannot be opened: {error}") from error
    except sqlite3.DatabaseError as error:
        aside = path.with_name(f"{path.name}.aside-{time.time_ns()}")
        path.rename(aside)
        for suffix in ("-wal", "-shm"):  # they belong to the file that was moved
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + suffix))
        log.exception("spool.set_aside", path=str(path), kept_as=str(aside), reason=str(error))
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    """sqlite3.DatabaseError if the file is corrupt or not a spool; OperationalError if it is locked."""
    make_private(path)
    connection = sqlite3.connect(path, timeout=1, check_same_thread=False)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # in WAL: an fsync before every commit returns
        _verify(connection)
        with connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS events (position INTEGER PRIMARY KEY AUTOINCREMENT,"
                " message_id TEXT NOT NULL UNIQUE, correlation_id TEXT NOT NULL, type TEXT NOT NULL,"
                " received_at INTEGER NOT NULL, body BLOB NOT NULL)"
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
