"""The ingress's spool on a real disk: what it accepted it keeps, in order, whatever becomes of process and file."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace
from structlog.testing import capture_logs

from ingress.spool import Spool
from ingress.spool_database import APPLICATION_ID, SpoolError
from ingress.spool_file import ROW_BYTES
from shared.wire.message import Message

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


def test_a_spooled_event_keeps_the_millisecond_of_its_arrival(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db", PLENTY)
    spool.store(replace(event(1), received_at=1_700_000_001.987))
    spool.close()
    again = Spool(tmp_path / "spool.db", PLENTY)
    (found,) = again.oldest(1)
    assert (found.timestamp, found.received_at) == (1_700_000_001, 1_700_000_001.987)
    again.close()


def test_an_older_releases_spool_is_read_and_can_be_written_by_it_again(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    columns = (
        "message_id TEXT NOT NULL UNIQUE, correlation_id TEXT NOT NULL, type TEXT NOT NULL,"
        " received_at INTEGER NOT NULL, body BLOB NOT NULL"
    )
    older = (
        "INSERT INTO events (message_id, correlation_id, type, received_at, body)"
        " VALUES (?, 'c', 'webhook.file.uploaded', ?, ?)"
    )
    with sqlite3.connect(path) as released:
        released.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        released.execute(f"CREATE TABLE events (position INTEGER PRIMARY KEY AUTOINCREMENT, {columns})")
        released.execute(f"CREATE TABLE set_aside ({columns}, reason TEXT NOT NULL, at INTEGER NOT NULL)")
        released.execute(older, ("m1", 1_700_000_001, b"{}"))
    released.close()
    for _ in range(2):
        Spool(path, PLENTY).close()
    with sqlite3.connect(path) as released:
        released.execute(older, ("m2", 1_700_000_002, b"{}"))
    released.close()
    spool = Spool(path, PLENTY)
    assert [(each.message_id, each.received_at) for each in spool.oldest(9)] == [
        ("m1", 1_700_000_001.0),
        ("m2", 1_700_000_002.0),
    ]
    spool.close()


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
        "from shared.wire.message import Message\n"
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


class AnyOrder(RuleBasedStateMachine):
    """A spool beside a plain list of what it should hold."""

    MAX_BYTES = 12 * (ROW_BYTES + 3_000)

    def __init__(self) -> None:
        super().__init__()
        self.folders = tempfile.TemporaryDirectory()
        self.path = self.new_folder()
        self.spool = Spool(self.path, self.MAX_BYTES)
        self.held: list[Message] = []

    def new_folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.folders.name)) / "spool.db"

    @property
    def held_bytes(self) -> int:
        return sum(len(message.body) + ROW_BYTES for message in self.held)

    @property
    def full(self) -> bool:
        return self.held_bytes >= self.MAX_BYTES

    @rule(number=st.integers(0, 30), size=st.sampled_from([2, 500, 3_000, 9_000]))
    def store(self, number: int, size: int) -> None:
        message = event(number, body=bytes([number]) * size)
        if self.full:
            with pytest.raises(SpoolError, match="full"):
                self.spool.store(message)
        else:
            self.spool.store(message)
            if message.message_id not in ids_of(self.held):
                self.held.append(message)

    @rule(first=st.integers(100, 200))
    def fill(self, first: int) -> None:
        for number in range(first, first + 30):
            self.store(number, 3_000)
        assert self.full

    @rule(limit=st.integers(1, 20), confirmed=st.sets(st.integers(0, 19)))
    def drain(self, limit: int, confirmed: set[int]) -> None:
        batch = self.spool.oldest(limit)
        assert facts(batch) == facts(self.held[:limit])
        self.spool.remove([message for number, message in enumerate(batch) if number in confirmed])
        self.held = [
            message for number, message in enumerate(self.held) if number not in confirmed or number >= limit
        ]

    @rule(stored=st.sets(st.integers(31, 60), min_size=2, max_size=6))
    def store_at_once(self, stored: set[int]) -> None:
        assume(self.held_bytes + 6 * ROW_BYTES < self.MAX_BYTES)
        with ThreadPoolExecutor(len(stored)) as pool:
            list(pool.map(lambda number: self.spool.store(event(number, body=b"")), stored))
        before = ids_of(self.held)
        added = self.spool.oldest(10_000)[len(before) :]
        assert set(ids_of(added)) == {f"m{number}" for number in stored} - set(before)
        self.held += added

    @rule()
    def reopen(self) -> None:
        self.spool.close()
        self.spool = Spool(self.path, self.MAX_BYTES)

    @rule(torn=st.binary(max_size=5_000))
    def crash(self, torn: bytes) -> None:
        """What a killed process leaves is its files as they are, and the start of a write that was cut off."""
        self.leave_for(self.new_folder())
        with self.path.with_name("spool.db-wal").open("ab") as log:
            log.write(torn)
        self.spool = Spool(self.path, self.MAX_BYTES)

    @rule(place=st.floats(0, 1, exclude_max=True), killed=st.booleans())
    def corrupt(self, place: float, killed: bool) -> None:  # noqa: FBT001 - hypothesis calls it
        """A page of the file is damaged: it is set aside with all it holds, unless nothing in use was hit."""
        if killed:
            self.leave_for(self.new_folder())
        else:
            self.spool.close()
        damaged = bytearray(self.path.read_bytes())
        page = int(place * (len(damaged) // 4096)) * 4096
        damaged[page : page + 4096] = b"\xaa" * len(damaged[page : page + 4096])
        self.path.write_bytes(damaged)
        before = set(self.path.parent.glob("*.aside-*"))
        self.spool = Spool(self.path, self.MAX_BYTES)
        aside = set(self.path.parent.glob("*.aside-*")) - before
        if aside:
            assert killed or [path.read_bytes() for path in aside] == [damaged]
            self.held = []

    def leave_for(self, path: Path) -> None:
        for file in self.path.parent.glob("spool.db*"):
            shutil.copy(file, path.parent)
        self.spool.close()
        self.path = path

    @invariant()
    def it_holds_what_it_should(self) -> None:
        assert facts(self.spool.oldest(10_000)) == facts(self.held)
        assert (len(self.spool), self.spool._held.size) == (len(self.held), self.held_bytes)
        assert (self.spool.check() is not None) == self.full

    def teardown(self) -> None:
        self.spool.close()
        self.folders.cleanup()


def facts(messages: list[Message]) -> list[tuple[object, ...]]:
    """What the spool keeps of each."""
    return [(m.message_id, m.body, m.type, m.correlation_id, m.timestamp) for m in messages]


def ids_of(messages: list[Message]) -> list[str]:
    return [message.message_id for message in messages]


@pytest.mark.timeout(400)  # it takes seconds; where it fails, hypothesis shortens the steps for up to 300 s
def test_it_keeps_exactly_what_was_stored_and_not_removed_in_any_order_of_steps() -> None:
    with capture_logs():  # a traceback on a terminal takes longer than all the rest
        run_state_machine_as_test(
            AnyOrder, settings=settings(max_examples=25, stateful_step_count=30, deadline=None)
        )
