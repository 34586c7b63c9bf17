"""The spool's file: a SQLite database that one process has to itself.

Not thread-safe; who uses it takes care of that.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import structlog

from ingress.spool_database import SpoolError, SpoolPathError, code, opened, told
from ingress.spool_lock import Lock
from ingress.webhook import raw_message
from shared.runtime.crash_points import CrashPoint, reached
from shared.wire.message import Message

ROW_BYTES = 512
"""The bytes that an event takes beside its body: ids, indexes, page overhead. Rounded up."""
REASON_CHARS = 1000

log = structlog.get_logger()


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
        self.path = path
        try:
            if path.is_dir():
                raise SpoolPathError(f"{path} is a directory")
            path.parent.mkdir(parents=True, exist_ok=True)
            with ExitStack() as undo:
                self._lock = Lock(path)
                undo.callback(self._lock.release)
                self._connection = opened(path)
                undo.callback(self._connection.close)
                with self._failing():
                    self.held = self._counted()
                undo.pop_all()
        except OSError as error:
            raise told(error, path) from error

    def __len__(self) -> int:
        """Events that wait for the broker."""
        return self.held.events

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
        self._lock.release()

    def delete(self) -> None:
        """Close it, and delete it: nobody else can have opened it meanwhile. Only if nothing is in it. OSError."""
        self._connection.close()
        try:
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        finally:
            self._lock.release()

    def _read(self, position: int) -> Message | str:
        """The event, or why it cannot be read."""
        try:
            body, type_, message_id, correlation_id, at, at_ms = self._connection.execute(
                "SELECT body, type, message_id, correlation_id, received_at, received_ms FROM events"
                " WHERE position = ?",
                (position,),
            ).fetchone()
        except sqlite3.Error as error:
            if code(error) is not None:
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


def _milliseconds(at: float | None) -> int | None:
    """The milliseconds of the time of arrival. They have a column of their own, because an older release reads
    and writes whole seconds alone.
    """
    return None if at is None else round(at * 1000)
