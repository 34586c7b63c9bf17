"""The ingress's spool as a file: what it holds, copied while no ingress has it, and put where it belongs."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from shared.errors import PermanentError, TransientError
from shared.store.private_file import make_private

PATIENCE_S = 1.0
MOST = 100
"""The most files of one SPOOL_PATH, as the ingress has it."""


class InUseError(TransientError):
    """An ingress has it."""


class NoSpoolError(PermanentError):
    """It is damaged, or something else."""


def places(path: Path) -> list[Path]:
    """The files that ingresses with this SPOOL_PATH may have, each its own: `spool.db`, `spool-2.db`, …"""
    return [path, *(path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, MOST + 1))]


def present(path: Path) -> list[Path]:
    """The first of them, and those of the others that are there."""
    first, *others = places(path)
    return [first, *(each for each in others if each.exists())]


def events(path: Path) -> int:
    """How many it holds, those that were set aside too; 0 where there is none. InUseError, NoSpoolError."""
    if not path.exists():
        return 0
    with _opened(path) as spool:
        return _count(spool)


def copy(path: Path, to: Path) -> int | None:
    """How many events the copy holds; None where there is no spool. InUseError, NoSpoolError."""
    if not path.exists():
        return None
    make_private(to)
    with _opened(path) as spool, closing(sqlite3.connect(to)) as target:
        spool.backup(target)
        return _count(spool)


def put(file: Path, path: Path) -> None:
    """In place of the one that is there, which is kept beside it if it holds events. OSError, and as `events`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if events(path):
        path.rename(path.with_name(f"{path.name}.aside-{time.time_ns()}"))
    beside = path.with_name(f".{path.name}.restored")
    beside.unlink(missing_ok=True)
    copy(file, beside)
    for suffix in ("-wal", "-shm"):  # they would belong to the file that goes
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    if os.geteuid() == 0:  # it is for the ingress, whose folder that is
        owner = path.parent.stat()
        os.chown(beside, owner.st_uid, owner.st_gid)
    beside.replace(path)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Nobody else has it meanwhile. At the end all of it is in the file, and no log beside it."""
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)) as spool:
            spool.execute("PRAGMA locking_mode = EXCLUSIVE")
            spool.execute("BEGIN IMMEDIATE")
            spool.execute("COMMIT")
            yield spool
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise InUseError(f"an ingress has {path} open: stop it first") from error
        raise NoSpoolError(f"the spool {path} cannot be read: {error}") from error
    except sqlite3.DatabaseError as error:
        raise NoSpoolError(f"the spool {path} cannot be read: {error}") from error


def _count(spool: sqlite3.Connection) -> int:
    counts = [spool.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("events", "set_aside")]  # noqa: S608 - names of ours
    return sum(counts)
