"""Whatever becomes of the stream, the log goes on, holds nobody up, and says how many lines it dropped."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from shared.process import log_lines
from shared.process.log_lines import DROPPED, MOST_WAITING, LogLines
from tests.support.waiting import wait_until

PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_lines, "FLUSH_TIMEOUT_S", PATIENCE_S)


@pytest.fixture
def pipe() -> Iterator[tuple[int, TextIO]]:
    """The end to read from, and a stream on the other."""
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "w")
    yield reading, stream
    for close in (lambda: os.close(reading), stream.close):
        with contextlib.suppress(OSError):
            close()


class Said:
    def __init__(self) -> None:
        self.counts: list[int] = []

    def __call__(self, count: int) -> None:
        self.counts.append(count)


def dropped() -> float:
    return float(DROPPED._value.get())


def read_to_the_end(reading: int, into: list[bytes]) -> threading.Thread:
    def read() -> None:
        while data := os.read(reading, 65_536):
            into.append(data)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("blocking", [True, False], ids=["blocks", "does not block"])
def test_a_pipe_that_nobody_reads_holds_nobody_up_and_goes_on_when_it_is_read(pipe, blocking) -> None:
    reading, stream = pipe
    os.set_blocking(stream.fileno(), blocking)
    before, said, got = dropped(), Said(), list[bytes]()
    lines = LogLines(stream, said)
    began = time.monotonic()
    count = 4 * MOST_WAITING
    for number in range(count):
        lines.msg(f"line {number:06} {'x' * 80}")
    assert time.monotonic() - began < 30
    assert lines._queue.qsize() <= MOST_WAITING
    missing = dropped() - before
    assert missing > 0
    thread = read_to_the_end(reading, got)
    wait_until(lambda: said.counts, 60, "the log to say what it dropped")
    lines.msg("the last")
    wait_until(lambda: got[-1].endswith(b"the last\n"), 60, "all to be written")
    stream.close()
    thread.join(30)
    read = b"".join(got).decode().splitlines()
    assert read[-1] == "the last"
    assert sum(said.counts) == missing
    assert len(read) == count - missing + 1
    assert all(len(line) == 92 for line in read[:-1])


def test_a_pipe_that_was_closed_costs_lines_and_no_thread(pipe) -> None:
    reading, stream = pipe
    before = dropped()
    lines = LogLines(stream)
    os.close(reading)
    for number in range(3):
        lines.msg(f"line {number}")
        lines.flush()
    assert dropped() - before == 3


def test_a_stream_that_is_no_file_may_fail_and_work_again() -> None:
    class Stream:
        text, broken = "", True

        def write(self, text: str) -> None:
            if self.broken:
                raise OSError(28, "No space left on device")
            self.text += text

        def flush(self) -> None: ...

    stream, said, before = Stream(), Said(), dropped()
    lines = LogLines(stream, said)  # type: ignore[arg-type]
    lines.msg("lost")
    lines.flush()
    stream.broken = False
    lines.msg("kept")
    lines.flush()
    assert (stream.text, said.counts, dropped() - before) == ("kept\n", [1], 1)


ON_A_FULL_DISK = f"""
import resource, sys
import structlog
from shared.process import log_lines
from shared.process.log_lines import DROPPED
from shared.process.logs import configure_logs

log_lines.FLUSH_TIMEOUT_S = {PATIENCE_S}
lines = configure_logs("test", level="info", log_format="json")
log = structlog.get_logger()
log.info("before")
lines.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
for number in range(50):
    log.info("full", number=number, text="x" * 50)
lines.flush()
assert DROPPED._value.get() > 30, DROPPED._value.get()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.info("after")
lines.flush()
lines.flush()
sys.stderr.write(str(DROPPED._value.get()))
"""


def test_a_full_disk_costs_the_lines_of_that_time_and_the_log_says_how_many(tmp_path: Path) -> None:
    written = tmp_path / "log"
    with written.open("wb") as log:
        ended = subprocess.run(
            [sys.executable, "-c", ON_A_FULL_DISK], check=False, stdout=log, stderr=subprocess.PIPE, text=True
        )
    assert ended.returncode == 0, ended.stderr
    lines = written.read_text().splitlines()
    read = [json.loads(line) for line in lines if line.endswith("}")]
    assert len(lines) - len(read) <= 1  # the one that the disk cut off
    assert read[0]["event"] == "before"
    assert [line["event"] for line in read[-2:]] == ["after", "log.lines_dropped"]
    assert read[-1]["lines"] == float(ended.stderr)
    assert len(read) == 3 + 50 - read[-1]["lines"]


WITHOUT_A_READER = """
import logging, os, sys
import structlog
from shared.process.logs import configure_logs

lines = configure_logs("test", level="info", log_format="json")
sys.stdin.readline()
for number in range(20_000):
    structlog.get_logger().info("said", number=number)
    if number % 1000 == 0:
        logging.getLogger("library").warning("said by a library")
os.write(2, b"worked")
"""


@pytest.mark.parametrize("stdout", ["closed", "not read"])
def test_a_process_whose_stdout_is_of_no_use_works_and_ends_well(stdout: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WITHOUT_A_READER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        if stdout == "closed":
            process.stdout.close()
        process.stdin.write(b"\n")
        process.stdin.flush()
        assert process.stderr.read(6) == b"worked"
        assert process.wait(60) == 0
        assert process.stderr.read() == b""


def test_the_thread_of_the_log_goes_on_after_an_error_that_nobody_expects(pipe, monkeypatch) -> None:
    reading, stream = pipe
    lines = LogLines(stream)
    write, calls = lines._write, []

    def fails_once(data: bytes) -> int:
        calls.append(data)
        if len(calls) == 1:
            raise RuntimeError("a bug")
        return write(data)

    monkeypatch.setattr(lines, "_write", fails_once)
    lines.msg("lost")
    wait_until(lambda: calls, 10, "the error")
    lines.msg("kept")
    assert os.read(reading, 100) == b"kept\n"
