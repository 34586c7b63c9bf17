"""Writes log lines from a thread of its own, many in one write.

A write gives up the interpreter's lock, and among many busy threads it takes milliseconds to get it back. If a
logger wrote under a lock of its own, it would hold up all of them.

No fault of the stream ends the log or holds up a worker. If the stream is full, closed or hangs, lines are dropped
and counted. The log goes on when the stream can be written again.
"""

import atexit
import contextlib
import itertools
import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import TextIO

from prometheus_client import Counter

from shared.threads import vital
from shared.threads.counts import PROCESS
from shared.threads.vital import Then

FLUSH_TIMEOUT_S = 2.0
LINGER_S = 0.01
"""The wait for more lines. A thread that woke for each line would take the interpreter's lock from the threads
that work."""
MOST_WAITING = 10_000
"""At most this many lines wait to be written, some 5 MB. So a stream that hangs cannot fill the memory."""
LOOK_S = 1.0
"""The time between two looks at a stream that takes nothing now, such as a full pipe."""

DROPPED = Counter("intake_log_lines_dropped", "Log lines that could not be written", registry=PROCESS)


class LogLines:
    """A structlog logger: the method of every level takes a finished line. It never waits for the stream."""

    def __init__(self, stream: TextIO, say_dropped: Callable[[int], None] = lambda _: None) -> None:
        """`say_dropped` is called with the number of dropped lines, once lines are written again."""
        self._write, self._encoding = _writer_of(stream)
        self._say_dropped = say_dropped
        self._queue: SimpleQueue[str | threading.Event] = SimpleQueue()
        self._lock = threading.Lock()
        self._unsaid = 0
        """Lines that were dropped and not reported yet."""
        self._torn = False
        """Whether the last line in the stream is cut off."""
        vital.start("log", self._write_for_ever, then=Then.RESTART, longest_pause_s=LOOK_S)
        atexit.register(self.flush)

    def msg(self, line: str) -> None:
        if self._queue.qsize() < MOST_WAITING:
            self._queue.put(line)
        else:
            self._drop(1)

    log = debug = info = warn = warning = err = error = critical = fatal = exception = failure = msg

    def flush(self) -> None:
        """Return when everything logged before is written or dropped, or after FLUSH_TIMEOUT_S."""
        written = threading.Event()
        self._queue.put(written)
        written.wait(FLUSH_TIMEOUT_S)

    def _write_for_ever(self) -> None:
        while True:
            batch = [self._queue.get()]
            time.sleep(LINGER_S)
            while not self._queue.empty():
                batch.append(self._queue.get())
            try:
                self._write_lines([entry for entry in batch if isinstance(entry, str)])
            finally:
                for entry in batch:
                    if isinstance(entry, threading.Event):
                        entry.set()

    def _write_lines(self, lines: Sequence[str]) -> None:
        if not lines:
            return
        parts = [(line + "\n").encode(self._encoding, errors="backslashreplace") for line in lines]
        start = b"\n" if self._torn else b""
        data = start + b"".join(parts)
        written = self._write(data)
        if written:
            self._torn = not data[:written].endswith(b"\n")
        if written == len(data):
            self._say_what_was_dropped()
            return
        ends = itertools.accumulate((len(part) for part in parts), initial=len(start))
        self._drop(sum(end > written for end in ends if end > len(start)))

    def _drop(self, count: int) -> None:
        DROPPED.inc(count)
        with self._lock:
            self._unsaid += count

    def _say_what_was_dropped(self) -> None:
        with self._lock:
            unsaid, self._unsaid = self._unsaid, 0
        if unsaid:
            self._say_dropped(unsaid)


Write = Callable[[bytes], int]
"""Writes, and returns how many bytes were written: all, unless the stream took no more. It raises nothing."""


def _writer_of(stream: TextIO) -> tuple[Write, str]:
    """The stream's write function and encoding.

    It bypasses the stream's own buffer. Whatever failed there would be written again, and a write that hangs would
    hold its lock and abort the interpreter at exit.
    """
    try:
        number = stream.fileno()
    except (OSError, ValueError, AttributeError):
        return lambda data: _into(stream, data), "utf-8"
    with contextlib.suppress(OSError, ValueError):
        stream.flush()
    return lambda data: _onto(number, data), stream.encoding


def _into(stream: TextIO, data: bytes) -> int:
    try:
        stream.write(data.decode())
        stream.flush()
    except (OSError, ValueError):
        return 0
    return len(data)


def _onto(number: int, data: bytes) -> int:
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(number, left) :]
        except BlockingIOError:
            ready = select.poll()
            ready.register(number, select.POLLOUT)
            ready.poll(LOOK_S * 1000)
        except OSError:
            return len(data) - len(left)
    return len(data)
