"""Whatever a file makes its reader do, the reader of the next file is unharmed. Real processes, a real kernel."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader.document import read
from reader.isolation.cage import Limits
from reader.isolation.children import Children
from shared.wire.facts import Unread
from tests.support.invoices.invoice import Invoice
from tests.support.invoices.printed import Attached, printed
from tests.support.invoices.written import as_cii
from tests.support.waiting import wait_until

ACT = "tests.support.reading:act"
LIMITS = Limits(cpu_s=1, wall_s=2.0)
"""The times are shorter than in earnest, the memory is the same."""


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    found = Children(2, ACT, LIMITS)
    yield found
    found.close()


def number(children: Children, content: str) -> str | None:
    return children.read(content.encode()).number


@pytest.mark.parametrize(
    "act",
    [
        "open /etc/passwd", "open /proc/self/environ", "write /dev/shm/escaped", "socket", "pair", "resolve",
        "fork", "run", "exec", "signal 1", "signal parent", "memory file",
    ],
)  # fmt: skip
def test_a_file_reaches_no_file_no_network_and_no_process(children: Children, act: str) -> None:
    found = children.read(act.encode())
    assert found.unread or not (found.number or "").startswith("did it"), found
    assert number(children, "say next") == "next"


def test_a_child_sees_no_environment_and_no_descriptor_of_the_worker(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCSPACE_API_KEY", "sk-secret")
    assert number(children, "environment") == "[]"
    kept = number(children, "descriptors")
    assert kept is not None
    assert len(kept.split(",")) == 5, "the three that lead nowhere, the file, and the way for what is found"


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ("spin", Unread.TOO_SLOW),
        ("sleep", Unread.TOO_SLOW),
        ("memory", Unread.TOO_LARGE),
        ("much", Unread.DAMAGED),
        ("garbage", Unread.DAMAGED),
        ("exit 0", Unread.DAMAGED),
        ("exit 3", Unread.DAMAGED),
        ("crash", Unread.DAMAGED),
        ("raise", Unread.DAMAGED),
    ],
)
def test_a_child_that_fails_is_told_by_a_word_and_the_next_file_is_read(
    children: Children, act: str, why: Unread
) -> None:
    began = time.monotonic()
    assert children.read(act.encode()).unread is why
    assert time.monotonic() - began < LIMITS.wall_s + 2
    assert number(children, "say next") == "next"


def test_memory_that_a_library_takes_has_the_same_limit(children: Children) -> None:
    assert number(children, "native-memory") == "None"


def test_a_slow_file_holds_up_no_other(children: Children) -> None:
    slow = threading.Thread(target=children.read, args=(b"sleep",))
    slow.start()
    began = time.monotonic()
    assert [number(children, f"say {n}") for n in range(20)] == [str(n) for n in range(20)]
    assert time.monotonic() - began < 5
    slow.join()


@pytest.mark.parametrize("number_", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_a_zygote_that_is_gone_is_made_again(number_: signal.Signals) -> None:
    children = Children(1, ACT, LIMITS)
    try:
        assert number(children, "say one") == "one"
        (zygote,) = zygotes_of(children)
        os.kill(zygote, number_)
        found = children.read(b"say two")
        assert found.number == "two" or found.unread is Unread.TOO_SLOW
        assert number(children, "say three") == "three"
        assert children.check() is None
    finally:
        children.close()


def zygotes_of(children: Children) -> list[int]:
    return [place._zygote.pid for place in children._every if place._zygote]


def test_what_reads_ends_with_the_worker() -> None:
    children = Children(1, ACT, LIMITS)
    children.start()
    (zygote,) = zygotes_of(children)
    asking = threading.Thread(target=children.read, args=(b"sleep",))
    asking.start()
    wait_until(lambda: children_of(zygote), 5, "a child to read", every_s=0.02)
    (child,) = children_of(zygote)
    children._every[0]._socket.close()  # type: ignore[union-attr]  # as the kernel does for a worker that is killed
    wait_until(lambda: not Path(f"/proc/{child}").exists(), 12, "the child to end", every_s=0.05)
    asking.join(20)
    children.close()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("encoding", ["windows-1252", "iso-8859-2", "utf-16"])
def test_a_child_reads_as_its_parent_would(encoding: str) -> None:
    """Nothing is left to be loaded once no file can be opened."""
    children = Children(1)
    try:
        declared = f'<?xml version="1.0" encoding="{encoding}"?>'
        xml = (declared + as_cii(Invoice()).decode().partition("?>")[2]).encode(encoding, "xmlcharrefreplace")
        hybrid = printed("Rechnung", attached=[Attached("factur-x.xml", xml)])
        assert read(hybrid).number == Invoice().number
        for content in (xml, hybrid, printed("x", password="secret"), printed(""), printed("Rechnung 5")):
            assert children.read(content) == read(content)
    finally:
        children.close()


def test_a_program_that_cannot_be_started_is_a_fault_and_no_wait() -> None:
    children = Children(1, "no.such.module:read")
    try:
        assert children.read(b"x").unread is Unread.TOO_SLOW
        assert "does not work" in (children.check() or "")
    finally:
        children.close()


def test_a_thousand_files_leave_no_process_no_descriptor_and_no_memory() -> None:
    children = Children(1, ACT, LIMITS)
    try:
        for _ in range(100):
            children.read(b"say warm")
        before = resident_bytes(), len(list(Path("/proc/self/fd").iterdir()))
        for n in range(1000):
            assert number(children, f"say {n}") == str(n)
        after = resident_bytes(), len(list(Path("/proc/self/fd").iterdir()))
        assert after[1] == before[1]
        assert after[0] - before[0] < 2_000_000
        (zygote,) = zygotes_of(children)
        assert children_of(zygote) == []
    finally:
        children.close()


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
