"""Opens the SQLite database that is a spool's file, and says what it means if it cannot be opened.

If the file is corrupt or not ours, it is renamed and kept, never overwritten.
"""

import errno
import os
import sqlite3
import time
from pathlib import Path

import structlog

from shared.errors import TransientError
from shared.store.private_file import make_private

APPLICATION_ID = 0x49_4E_54_4B
"""Marks the file as ours, in SQLite's header."""

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


def told(error: OSError, path: Path) -> Exception:
    """What the caller of SpoolFile is told of a file that cannot be opened."""
    if isinstance(error, BlockingIOError):
        return SpoolInUseError(f"{path} is in use by another process")
    if error.errno in PASSING:
        return SpoolError(f"the spool cannot be opened: {error}")
    return SpoolPathError(f"{path} cannot be opened: {error.strerror or error}")


def opened(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise SpoolInUseError(f"{path} is in use by another process") from error
        if code(error) in PASSING_IN_SQLITE or _may_be_writable(path.parent):
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


def code(error: sqlite3.Error) -> int | None:
    """SQLite's primary result code; None where it is not SQLite that failed."""
    found: int | None = getattr(error, "sqlite_errorcode", None)
    return None if found is None else found & 0xFF


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
