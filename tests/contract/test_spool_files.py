"""Several ingresses on one SPOOL_PATH: a file for each, and those of ingresses that are gone are taken over."""

import contextlib
import multiprocessing
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from console.backup.spools import places, present
from ingress.spool import Spool
from ingress.spool_database import SpoolInUseError
from ingress.spool_file import SpoolFile
from ingress.spool_files import LeftBehind, first_free
from tests.contract.test_spool import PLENTY, event, ids

HOLDS = (
    "import sys, time\n"
    "from pathlib import Path\n"
    "from ingress.spool import Spool\n"
    "from tests.contract.test_spool import event\n"
    "spool = Spool(Path(sys.argv[1]), 10**9)\n"
    "for number in range(int(sys.argv[2]), int(sys.argv[3])):\n"
    "    spool.store(event(number))\n"
    "print('stored', flush=True)\n"
    "time.sleep(600)\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.db"


@pytest.fixture
def left_behind(path: Path) -> Iterator[LeftBehind]:
    left_behind = LeftBehind(path)
    yield left_behind
    left_behind.close()


def holder(path: Path, first: int, end: int) -> subprocess.Popen[str]:
    """A process that has stored these events and keeps its file."""
    command = [sys.executable, "-c", HOLDS, str(path), str(first), str(end)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "stored\n"
    return process


def killed(process: subprocess.Popen[str]) -> None:
    with process:
        process.kill()


def names(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.glob("*.db"))


def stored_and_closed(path: Path, *numbers: int) -> None:
    file = SpoolFile(path)
    file.insert([event(number) for number in numbers])
    file.close()


def test_each_ingress_takes_the_first_file_that_nobody_has(path: Path) -> None:
    first, second, third = (Spool(path, PLENTY) for _ in range(3))
    second.store(event(2))
    second.close()
    again = Spool(path, PLENTY)
    assert names(path) == ["spool-2.db", "spool-3.db", "spool.db"]
    assert ids(again) == ["m2"]
    for spool in (first, third, again):
        spool.close()


def _opened(path: Path) -> str:
    file = first_free(path)
    _held.append(file)
    file.insert([event(len(file))])
    return file.path.name


_held: list[SpoolFile] = []
"""Of a process of the pool, until it ends."""


def test_of_many_that_start_at_once_no_two_have_one_file(path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        taken = pool.map(_opened, [path] * 24, chunksize=1)
    assert len(set(taken)) == 24


def test_the_lock_ends_with_the_process_that_is_killed(path: Path, left_behind: LeftBehind) -> None:
    process = holder(path, 0, 5)
    left_behind.take()
    assert len(left_behind) == 0
    with pytest.raises(SpoolInUseError):
        SpoolFile(path)
    killed(process)
    left_behind.take()
    assert [message.message_id for file in left_behind.files for message in file.oldest(9)] == [
        f"m{number}" for number in range(5)
    ]


def test_a_file_that_was_taken_over_is_nobody_elses(path: Path, left_behind: LeftBehind) -> None:
    stored_and_closed(path, 1)
    left_behind.take()
    other = LeftBehind(path)
    other.take()
    spool = Spool(path, PLENTY)
    assert (len(left_behind), len(other), len(spool)) == (1, 0, 0)
    left_behind.close()
    other.take()
    assert len(other) == 1
    other.close()
    spool.close()


def test_files_are_taken_over_in_their_order_and_none_but_the_paths_own(
    path: Path, left_behind: LeftBehind
) -> None:
    for number, name in enumerate(("spool-10.db", "spool-2.db", "spool-new.db", "other.db", "spool-2.db.old")):
        stored_and_closed(path.with_name(name), number)
    left_behind.take()
    assert [file.path.name for file in left_behind.files] == ["spool-2.db", "spool-10.db"]


def test_an_empty_file_that_nobody_has_is_deleted(path: Path, left_behind: LeftBehind) -> None:
    stored_and_closed(path.with_name("spool-2.db"))
    stored_and_closed(path, 1, 2)
    left_behind.take()
    assert names(path) == ["spool.db"]
    (file,) = left_behind.files
    file.remove([event(1), event(2)])
    left_behind.let_go()
    assert (left_behind.files, sorted(each.name for each in path.parent.iterdir())) == (
        (), ["spool-2.db.lock", "spool.db.lock"],
    )  # fmt: skip


def test_a_file_with_events_for_a_person_is_kept_and_counted(path: Path, left_behind: LeftBehind) -> None:
    stored_and_closed(path, 1)
    left_behind.take()
    left_behind.files[0].set_aside(event(1), "the broker does not take it")
    left_behind.let_go()
    left_behind.take()
    assert (len(left_behind), left_behind.set_aside_count, names(path)) == (0, 1, ["spool.db"])


def test_the_age_of_the_oldest_is_known_until_it_is_gone(path: Path, left_behind: LeftBehind) -> None:
    stored_and_closed(path, 7)
    assert left_behind.oldest_age_s() == 0
    left_behind.take()
    assert left_behind.oldest_age_s() > 1_000_000
    left_behind.files[0].remove([event(7)])
    left_behind.let_go()
    assert left_behind.oldest_age_s() == 0


def test_the_file_of_an_older_release_that_still_runs_is_left_to_it(path: Path, left_behind: LeftBehind) -> None:
    """It has SQLite's lock alone."""
    stored_and_closed(path, 1)
    older = sqlite3.connect(path)
    older.execute("PRAGMA locking_mode = EXCLUSIVE")
    older.execute("DELETE FROM set_aside")
    older.commit()
    left_behind.take()
    spool = Spool(path, PLENTY)
    assert (len(left_behind), names(path)) == (0, ["spool-2.db", "spool.db"])
    older.close()
    left_behind.take()
    assert len(left_behind) == 1
    spool.close()


def test_a_file_that_cannot_be_opened_holds_up_no_other(path: Path, left_behind: LeftBehind) -> None:
    path.with_name("spool-2.db").mkdir()
    stored_and_closed(path.with_name("spool-3.db"), 1)
    with capture_logs() as logged:
        left_behind.take()
    assert [line["event"] for line in logged] == ["spool.not_taken_over", "spool.taken_over"]
    assert len(left_behind) == 1


def test_a_backup_looks_for_each_file_that_an_ingress_may_have(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    with contextlib.ExitStack() as ended:
        taken = [ended.enter_context(contextlib.closing(first_free(path))).path for _ in range(3)]
    assert taken == places(path)[:3] == present(path)
