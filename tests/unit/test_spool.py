"""The ingress's spool on a real disk: what it accepted it keeps, in order, whatever becomes of process and file."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingress.spool import ROW_BYTES, Spool, SpoolError, SpoolInUseError
from shared.message import Message

PLENTY = 10**9


def event(number: int, body: bytes = b"{}") -> Message:
    return Message(
        body=body,
        type="webhook.file.uploaded",
        message_id=f"m{number}",
        correlation_id=f"c{number}",
        timestamp=1_700_000_000 + number,
    )


def ids(spool: Spool) -> list[str]:
    return [message.message_id for message in spool.oldest(10_000)]


def test_what_was_stored_comes_back_in_order_after_a_new_start(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db", PLENTY)
    for number in (3, 1, 2):
        spool.store(event(number, body=b"\xff raw"))
    spool.close()
    again = Spool(tmp_path / "spool.db", PLENTY)
    assert ids(again) == ["m3", "m1", "m2"]
    (first, *_) = again.oldest(1)
    assert (first.body, first.type, first.correlation_id, first.timestamp) == (
        b"\xff raw", "webhook.file.uploaded", "c3", 1_700_000_003
    )  # fmt: skip
    again.close()


def test_storing_an_event_again_keeps_one(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db", PLENTY)
    spool.store(event(1))
    spool.store(event(1))
    assert (len(spool), ids(spool)) == (1, ["m1"])
    spool.close()


def test_many_threads_are_all_on_disk_when_their_call_returns(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db", PLENTY)
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda number: spool.store(event(number)), range(500)))
    assert len(spool) == 500
    spool.close()
    again = Spool(tmp_path / "spool.db", PLENTY)
    assert sorted(ids(again)) == sorted(f"m{number}" for number in range(500))
    again.close()


def test_a_full_spool_refuses_and_takes_again_when_there_is_room(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db", 2 * ROW_BYTES)
    spool.store(event(1))
    spool.store(event(2))
    with pytest.raises(SpoolError, match="full"):
        spool.store(event(3))
    spool.remove(spool.oldest(1))
    spool.store(event(3))
    assert ids(spool) == ["m2", "m3"]
    spool.close()


def test_a_bound_of_nothing_takes_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db", 0)
    with pytest.raises(SpoolError):
        spool.store(event(1))
    spool.close()


def test_a_killed_process_loses_nothing_that_it_said_was_stored(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ingress.spool import Spool\n"
        "from shared.message import Message\n"
        f"spool = Spool(Path({str(path)!r}), {PLENTY})\n"
        "n = 0\n"
        "while True:\n"
        "    spool.store(Message(body=b'x', type='t', message_id=f'm{n}', correlation_id='c', timestamp=1))\n"
        "    print(n, flush=True)\n"
        "    n += 1\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(200)]
        process.kill()
        said += [int(line) for line in process.stdout if line.endswith("\n")]
    spool = Spool(path, PLENTY)
    assert {f"m{number}" for number in said} <= set(ids(spool))
    assert len(spool) <= len(said) + 1
    spool.close()


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be looked at" * 100, b"\0" * 8192])
def test_a_corrupt_file_is_set_aside_untouched_and_the_spool_starts_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "spool.db"
    path.write_bytes(content)
    spool = Spool(path, PLENTY)
    spool.store(event(1))
    assert ids(spool) == ["m1"]
    spool.close()
    (aside,) = tmp_path.glob("spool.db.aside-*")
    assert aside.read_bytes() == content


def test_a_database_of_something_else_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE theirs (x)")
        foreign.execute("INSERT INTO theirs VALUES (42)")
    foreign.close()
    spool = Spool(path, PLENTY)
    assert len(spool) == 0
    spool.close()
    (aside,) = tmp_path.glob("spool.db.aside-*")
    kept = sqlite3.connect(aside)
    assert kept.execute("SELECT x FROM theirs").fetchone() == (42,)
    kept.close()


def test_a_page_damaged_in_the_middle_is_noticed_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    spool = Spool(path, PLENTY)
    for number in range(200):
        spool.store(event(number, body=b"y" * 500))
    spool.close()
    raw = bytearray(path.read_bytes())
    raw[8192:12288] = b"\xaa" * 4096
    path.write_bytes(raw)
    again = Spool(path, PLENTY)
    assert len(again) == 0
    again.close()
    assert len(list(tmp_path.glob("spool.db.aside-*"))) == 1


def test_two_processes_do_not_share_a_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db", PLENTY)
    spool.store(event(1))
    with pytest.raises(SpoolInUseError):
        Spool(tmp_path / "spool.db", PLENTY)
    assert list(tmp_path.glob("*aside*")) == []
    assert ids(spool) == ["m1"]
    spool.close()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["store", "remove", "reopen"]), st.integers(0, 15)), max_size=40))
def test_it_keeps_exactly_what_was_stored_and_not_removed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("spool") / "spool.db"
    spool, model = Spool(path, PLENTY), []
    for step, number in steps:
        if step == "store":
            spool.store(event(number))
            if f"m{number}" not in model:
                model.append(f"m{number}")
        elif step == "remove":
            spool.remove(spool.oldest(number))
            del model[:number]
        else:
            spool.close()
            spool = Spool(path, PLENTY)
        assert ids(spool) == model
        assert len(spool) == len(model)
    spool.close()
