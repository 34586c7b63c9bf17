"""Writes log lines from a thread of its own, many in one write.

A write gives up the interpreter's lock, and with many busy threads it takes milliseconds to get that back; a logger
that writes under a lock of its own then holds up all of them.
"""

import atexit
import threading
import time
from queue import SimpleQueue
from typing import TextIO

FLUSH_TIMEOUT_S = 2.0
LINGER_S = 0.01
"""For more lines to come: a thread that woke for each would take the lock from those who work."""


class LogLines:
    """A structlog logger: the methods of every level take a finished line. Never waits for the stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._queue: SimpleQueue[str | threading.Event] = SimpleQueue()
        threading.Thread(target=self._write, name="log", daemon=True).start()
        atexit.register(self.flush)

    def msg(self, line: str) -> None:
        self._queue.put(line)

    log = debug = info = warn = warning = err = error = critical = fatal = exception = failure = msg

    def flush(self) -> None:
        """Return when what was logged before is written, or FLUSH_TIMEOUT_S has passed."""
        written = threading.Event()
        self._queue.put(written)
        written.wait(FLUSH_TIMEOUT_S)

    def _write(self) -> None:
        while True:
            batch = [self._queue.get()]
            time.sleep(LINGER_S)
            while not self._queue.empty():
                batch.append(self._queue.get())
            lines = [entry for entry in batch if isinstance(entry, str)]
            if lines:
                self._stream.write("\n".join(lines) + "\n")
                self._stream.flush()
            for entry in batch:
                if isinstance(entry, threading.Event):
                    entry.set()
