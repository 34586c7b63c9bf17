"""The spool where its disk or a row of it fails: nothing is lost or held up, and its counts are true."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ingress import spool as spool_module
from ingress.spool import Spool
from ingress.spool_database import SpoolError, SpoolPathError
from ingress.spool_file import ROW_BYTES, SpoolFile
from shared.wire.message import Message
from tests.contract.test_spool import PLENTY, event, ids
from tests.support.waiting import wait_until


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.db", PLENTY)
    yield spool
    spool.close()


def execute(spool: Spool, statement: str, *values: object) -> list[tuple[object, ...]]:
    """In the spool's own connection: it has the file to itself."""
    assert spool._file is not None
    with spool._lock, spool._file._connection as connection:
        return connection.execute(statement, values).fetchall()


def test_counts_stay_true_where_a_commit_fails(spool: Spool) -> None:
    for number in range(3):
        spool.store(event(number, body=b"1234"))
    execute(
        spool,
        "CREATE TRIGGER broken BEFORE DELETE ON events WHEN old.message_id = 'm2'"
        " BEGIN SELECT RAISE(ABORT, 'the disk fails'); END",
    )
    with pytest.raises(SpoolError, match="the disk fails"):
        spool.remove([event(0), event(1), event(2)])
    assert (len(spool), spool._held.size) == (3, 3 * (ROW_BYTES + 4))
    assert "the disk fails" in (spool.check() or "")
    execute(spool, "DROP TRIGGER broken")
    spool.remove(spool.oldest(3))
    assert (len(spool), spool._held.size, ids(spool)) == (0, 0, [])
    wait_until(lambda: spool.check() is None, 10, "the disk to be tried")


def test_what_fails_to_be_stored_is_told_and_is_green_again_without_another_event(spool: Spool) -> None:
    execute(
        spool, "CREATE TRIGGER broken BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'database is full'); END"
    )
    with capture_logs() as logged, pytest.raises(SpoolError, match="database is full"):
        spool.store(event(1))
    assert [line["event"] for line in logged] == ["spool.failed"]
    execute(spool, "DROP TRIGGER broken")
    wait_until(lambda: spool.check() is None, 10, "the disk to be tried")
    spool.store(event(1))
    assert ids(spool) == ["m1"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("type", b"\xff\xfe"), ("correlation_id", b"blob"), ("received_at", "yesterday"), ("body", "text")],
)
def test_a_row_that_cannot_be_read_is_set_aside_as_it_is(spool: Spool, column: str, value: object) -> None:
    for number in range(3):
        spool.store(event(number))
    text = "CAST(? AS TEXT)" if column == "type" else "?"  # a text that is no UTF-8
    execute(spool, f"UPDATE events SET {column} = {text} WHERE message_id = 'm1'", value)
    with capture_logs() as logged:
        assert ids(spool) == ["m0", "m2"]
    assert [line["event"] for line in logged] == ["spool.event_set_aside"]
    assert (len(spool), spool.set_aside_count) == (2, 1)
    kept = execute(spool, f"SELECT message_id, CAST({column} AS BLOB), reason FROM set_aside")
    assert kept[0][:2] == ("m1", value if isinstance(value, bytes) else str(value).encode())
    assert "it cannot be read" in str(kept[0][2])
    assert spool.check() is None


def test_what_was_set_aside_outlives_the_process_and_counts_towards_the_bound(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db", 2 * ROW_BYTES)
    spool.store(event(1, body=b""))
    spool.store(event(2, body=b""))
    for _ in range(2):
        spool.set_aside(event(1), "the broker does not take it")
    spool.close()
    again = Spool(tmp_path / "spool.db", 2 * ROW_BYTES)
    assert (ids(again), len(again), again.set_aside_count) == (["m2"], 1, 1)
    assert "full" in (again.check() or "")
    again.close()


def test_a_spool_of_before_gets_its_place_for_what_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    spool = Spool(path, PLENTY)
    spool.store(event(1))
    execute(spool, "DROP TABLE set_aside")
    spool.close()
    again = Spool(path, PLENTY)
    again.set_aside(event(1), "no")
    assert (len(again), again.set_aside_count) == (0, 1)
    again.close()


def refused(spool: Spool) -> None:
    with pytest.raises(SpoolError):
        spool.store(event(2))


def test_a_disk_that_hangs_is_a_fault_holds_up_no_page_and_close_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STORE_WITHIN_S", "LOCK_WITHIN_S", "CLOSE_WITHIN_S"):
        monkeypatch.setattr(spool_module, name, 0.3)
    thaws, hangs, insert = threading.Event(), threading.Event(), SpoolFile.insert

    def frozen(file: SpoolFile, messages: list[Message]) -> None:
        hangs.set()
        assert thaws.wait(30)
        insert(file, messages)

    monkeypatch.setattr(SpoolFile, "insert", frozen)
    spool = Spool(tmp_path / "spool.db", PLENTY)
    with pytest.raises(SpoolError, match="has not answered within"):
        spool.store(event(1))
    assert hangs.is_set()
    wait_until(lambda: "has not answered for" in (spool.check() or ""), 5, "the fault")
    began = time.monotonic()
    assert spool.oldest_age_s() == 0
    waiting = threading.Thread(target=refused, args=(spool,))
    waiting.start()
    spool.close()
    waiting.join(10)
    assert not waiting.is_alive()
    assert time.monotonic() - began < 5
    thaws.set()


def test_who_stores_while_the_spool_closes_is_answered(tmp_path: Path) -> None:
    for round_ in range(20):
        spool = Spool(tmp_path / f"{round_}.db", PLENTY)
        began, answered = threading.Barrier(9), []

        def store(number: int, spool: Spool = spool, began: threading.Barrier = began) -> None:
            began.wait()
            try:
                spool.store(event(number))
                answered.append(f"m{number}")  # noqa: B023 - joined below
            except SpoolError:
                pass

        threads = [threading.Thread(target=store, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        began.wait()
        spool.close()
        for thread in threads:
            thread.join(5)
            assert not thread.is_alive()
        again = Spool(tmp_path / f"{round_}.db", PLENTY)
        assert set(answered) <= set(ids(again))
        again.close()


def test_a_path_that_can_never_be_a_file_is_no_passing_fault(tmp_path: Path) -> None:
    with pytest.raises(SpoolPathError, match="is a directory"):
        Spool(tmp_path, PLENTY)
    (tmp_path / "file").touch()
    with pytest.raises(SpoolPathError):
        Spool(tmp_path / "file" / "spool.db", PLENTY)


def test_a_database_that_only_reads_is_served_without_until_it_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spool.db"
    Spool(path, PLENTY).close()
    connect = sqlite3.connect

    def read_only(database: Path, **options: object) -> sqlite3.Connection:
        return connect(f"file:{database}?mode=ro", uri=True, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(sqlite3, "connect", read_only)
    spool = Spool(path, PLENTY)
    assert "cannot be opened" in (spool.check() or "")
    with pytest.raises(SpoolError, match="cannot be opened"):
        spool.store(event(1))
    assert (len(spool), spool.oldest_age_s()) == (0, 0)
    monkeypatch.setattr(sqlite3, "connect", connect)
    wait_until(lambda: spool.check() is None, 10, "it to be opened")
    spool.store(event(1))
    assert ids(spool) == ["m1"]
    spool.close()
