"""The ingress's own store, for events that the broker does not take now. On disk before `store` returns.

SQLite with one writer thread: what waits is written in one transaction with one fsync, so a flood does not crawl.
A disk that fails or cannot be opened now stops nothing else: the thread tries it until it works.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

import structlog

from ingress.spool_file import Held, SpoolError, SpoolFile, SpoolInUseError, SpoolPathError
from shared.threads import vital
from shared.threads.event import Event
from shared.threads.vital import Then
from shared.wire.message import Message

TRY_EVERY_S = 1.0
"""While the disk fails."""
STORE_WITHIN_S = 10.0
"""A disk that takes longer hangs, and the portal is told to come again: the same event is kept once."""
LOCK_WITHIN_S = 2.0
"""Then what is shown is what was last known."""
CLOSE_WITHIN_S = 2.0
CLOSED = "the spool is closed"

log = structlog.get_logger()


class _Waiting:
    """One event on its way to the disk."""

    __slots__ = ("done", "error", "message")

    def __init__(self, message: Message, done: Event) -> None:
        self.message = message
        self.error: str | None = None
        self.done = done


class Spool:
    """Safe to use from several threads. `max_bytes` bounds bodies and overhead together."""

    def __init__(self, path: Path, max_bytes: int, new_event: Callable[[], Event] = threading.Event) -> None:
        """Opens or makes the file. SpoolInUseError if another process has it, SpoolPathError if it can never be
        made; where its disk is full or fails, it takes no events until it does not.

        `new_event` makes what a caller of `store` waits for.
        """
        self._path = path
        self._new_event = new_event
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        """Guards the file."""
        self._file: SpoolFile | None = None
        self._held = Held(0, 0, 0)
        self._fault: str | None = None
        self._oldest_at: float | None = None
        self._writing_since: float | None = None
        self._entry = threading.Lock()
        """Whatever is put before `_closing` is set is answered."""
        self._closing = False
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        try:
            self._file = SpoolFile(path)
            self._held = self._file.held
        except SpoolError as error:
            self._failed(error)
        self._writer = vital.start("spool", self._write, then=Then.RESTART, longest_pause_s=TRY_EVERY_S)

    def __len__(self) -> int:
        return self._held.events

    @property
    def set_aside_count(self) -> int:
        """Events that wait for a person: the broker refuses them, or they cannot be read."""
        return self._held.aside

    def store(self, message: Message) -> None:
        """Return once it is on disk; SpoolError if it is not. Repeating stores it once: ids are unique."""
        if self._file is None:
            raise SpoolError(self._fault or CLOSED)
        if fault := self._full():
            raise SpoolError(fault)
        waiting = _Waiting(message, self._new_event())
        with self._entry:
            if self._closing:
                raise SpoolError(CLOSED)
            self._waiting.put(waiting)
        if not waiting.done.wait(STORE_WITHIN_S):
            raise SpoolError(f"the spool's disk has not answered within {STORE_WITHIN_S:.0f} s")
        if waiting.error is not None:
            raise SpoolError(waiting.error)

    def check(self) -> str | None:
        """Why no event can be stored now, else None."""
        since = self._writing_since
        if since is not None and (hangs_s := time.monotonic() - since) > STORE_WITHIN_S:
            return f"the spool's disk has not answered for {hangs_s:.0f} s"
        return self._fault or self._full()

    def _full(self) -> str | None:
        count, size, _ = self._held
        if size >= self._max_bytes:
            return f"the spool is full: {count} events, {size} of {self._max_bytes} bytes"
        return None

    def oldest(self, limit: int) -> list[Message]:
        """Up to `limit` events, in the order in which they were stored; SpoolError if they cannot be read now."""
        with self._opened() as file:
            return file.oldest(limit)

    def remove(self, messages: Sequence[Message]) -> None:
        """They are elsewhere now; SpoolError if they are still there. Repeating is safe."""
        with self._opened() as file:
            file.remove(messages)

    def set_aside(self, message: Message, reason: str) -> None:
        """The broker refuses it for good: it waits for a person, and holds up no other. Repeating is safe."""
        with self._opened() as file:
            file.set_aside(message, reason)

    def oldest_age_s(self) -> float:
        """Seconds since the oldest stored event was received; 0 when empty. As last known while the disk hangs."""
        if self._file is not None and self._lock.acquire(timeout=LOCK_WITHIN_S):
            try:
                self._oldest_at = self._file.oldest_at()
            except SpoolError as error:
                log.warning("spool.unread", reason=str(error))
            finally:
                self._lock.release()
        return 0.0 if self._oldest_at is None else max(0.0, time.time() - self._oldest_at)

    def close(self) -> None:
        """In bounded time: a disk that hangs is left to the end of the process. Who still waits is told."""
        with self._entry:
            self._closing = True
            self._waiting.put(None)
        self._writer.join(CLOSE_WITHIN_S)
        if self._file is not None and self._lock.acquire(timeout=LOCK_WITHIN_S):
            self._file.close()
            self._lock.release()

    @contextmanager
    def _opened(self) -> Iterator[SpoolFile]:
        """The file, for one thread; what it holds and whether it fails is kept."""
        with self._lock:
            if self._file is None:
                raise SpoolError(self._fault or CLOSED)
            try:
                yield self._file
            except SpoolError as error:
                self._failed(error)
                raise
            finally:
                self._held = self._file.held

    def _failed(self, error: SpoolError) -> None:
        if self._fault is None:
            log.error("spool.failed", reason=str(error))
        self._fault = str(error)

    def _works(self) -> None:
        if self._fault is not None:
            log.info("spool.works", after=self._fault)
        self._fault = None

    # ---- the writer's thread ----

    def _write(self) -> None:
        while not self._closing:
            try:
                first = self._waiting.get(timeout=TRY_EVERY_S)
            except Empty:
                if self._fault is not None:
                    self._try_disk()
                continue
            self._store([waiting for waiting in [first, *self._rest()] if waiting])
        self._answer([waiting for waiting in self._rest() if waiting], CLOSED)

    def _rest(self) -> Iterator[_Waiting | None]:
        while True:
            try:
                yield self._waiting.get_nowait()
            except Empty:
                return

    def _store(self, batch: Sequence[_Waiting]) -> None:
        if not batch:
            return
        error: str | None = "the spool failed"
        self._writing_since = time.monotonic()
        try:
            with self._opened() as file:
                file.insert([waiting.message for waiting in batch])
            error = None
            self._works()
        except SpoolError as failure:
            error = str(failure)
        finally:
            self._writing_since = None
            self._answer(batch, error)

    def _answer(self, batch: Sequence[_Waiting], error: str | None) -> None:
        for waiting in batch:
            waiting.error = error
            waiting.done.set()

    def _try_disk(self) -> None:
        self._writing_since = time.monotonic()
        try:
            if self._file is None:
                self._open()
            else:
                with self._opened() as file:
                    file.try_disk()
            self._works()
        except SpoolError as error:
            self._fault = str(error)
        finally:
            self._writing_since = None

    def _open(self) -> None:
        try:
            file = SpoolFile(self._path)
        except (SpoolInUseError, SpoolPathError) as error:
            raise SpoolError(str(error)) from error
        with self._lock:
            self._file, self._held = file, file.held
