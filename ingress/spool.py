"""Keeps events on the ingress's own disk while the broker takes none. `store` returns once its event is there.

One writer thread writes all waiting events in one SQLite transaction with one fsync, so a flood of events is stored
fast. If the disk fails or the file cannot be opened, the thread tries again until it works. Nothing else stops
meanwhile.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

import structlog

from ingress.spool_database import SpoolError, SpoolInUseError, SpoolPathError
from ingress.spool_file import Held, SpoolFile
from ingress.spool_files import first_free
from shared.threads import vital
from shared.threads.event import Event
from shared.threads.vital import Then
from shared.wire.message import Message

TRY_EVERY_S = 1.0
"""The pause between tries while the disk fails."""
STORE_WITHIN_S = 10.0
"""If the disk takes longer, it counts as hanging, and the portal is told to send the event again. The spool
keeps an event once, however often it is sent."""
LOCK_WITHIN_S = 2.0
"""How long a question waits for the file. After that, it is answered with what was last known."""
CLOSE_WITHIN_S = 2.0
CLOSED = "the spool is closed"

log = structlog.get_logger()


class _Waiting:
    """One event that a caller of `store` waits for."""

    __slots__ = ("done", "error", "message")

    def __init__(self, message: Message, done: Event) -> None:
        self.message = message
        self.error: str | None = None
        self.done = done


class Spool:
    """Thread-safe. `max_bytes` limits bodies and overhead together, in the file that this ingress writes."""

    def __init__(self, path: Path, max_bytes: int, new_event: Callable[[], Event] = threading.Event) -> None:
        """Opens the first file of `path` that no other ingress has, or creates it. SpoolInUseError if they have
        all, SpoolPathError if it can never be created. If the disk is full or fails, the spool starts without the
        file and takes no events until it has it.

        `new_event` makes what a caller of `store` waits for.
        """
        self._path = path
        self._new_event = new_event
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        """Held while the file is used."""
        self._file: SpoolFile | None = None
        self._held = Held(0, 0, 0)
        self._fault: str | None = None
        self._oldest_at: float | None = None
        self._writing_since: float | None = None
        self._entry = threading.Lock()
        """Every event that is queued before `_closing` is set gets its answer."""
        self._closing = False
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        try:
            self._file = first_free(path)
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
        """Return once it is on disk. SpoolError if it cannot be stored. Storing the same id again changes
        nothing.
        """
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
        """Up to `limit` events, in the order in which they were stored. SpoolError if they cannot be read now."""
        with self._opened() as file:
            return file.oldest(limit)

    def remove(self, messages: Sequence[Message]) -> None:
        """Remove events that the broker has confirmed. SpoolError if they could not be removed. Repeating is
        safe.
        """
        with self._opened() as file:
            file.remove(messages)

    def set_aside(self, message: Message, reason: str) -> None:
        """Set an event aside that the broker will never take: it waits for a person, and the events behind it go
        on. Repeating is safe.
        """
        with self._opened() as file:
            file.set_aside(message, reason)

    def oldest_age_s(self) -> float:
        """Seconds since the oldest stored event was received, 0 if there is none. While the disk hangs, as last
        known.
        """
        if self._file is not None and self._lock.acquire(timeout=LOCK_WITHIN_S):
            try:
                self._oldest_at = self._file.oldest_at()
            except SpoolError as error:
                log.warning("spool.unread", reason=str(error))
            finally:
                self._lock.release()
        return 0.0 if self._oldest_at is None else max(0.0, time.time() - self._oldest_at)

    def close(self) -> None:
        """Ends in bounded time: if the disk hangs, its thread is left to the end of the process. Callers that
        still wait get a SpoolError.
        """
        with self._entry:
            self._closing = True
            self._waiting.put(None)
        self._writer.join(CLOSE_WITHIN_S)
        if self._file is not None and self._lock.acquire(timeout=LOCK_WITHIN_S):
            self._file.close()
            self._lock.release()

    @contextmanager
    def _opened(self) -> Iterator[SpoolFile]:
        """Opens and uses the file on one thread, and remembers what it holds and why it fails."""
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
        is_new = self._fault is None
        self._fault = str(error)
        if is_new:
            log.error("spool.failed", reason=self._fault)
            self._waiting.put(None)  # the writer is to try the disk again and again

    def _works(self) -> None:
        if self._fault is not None:
            log.info("spool.works", after=self._fault)
        self._fault = None

    # ---- the writer's thread ----

    def _write(self) -> None:
        while not self._closing:
            try:
                first = self._waiting.get(timeout=None if self._fault is None else TRY_EVERY_S)
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
            file = first_free(self._path)
        except (SpoolInUseError, SpoolPathError) as error:
            raise SpoolError(str(error)) from error
        with self._lock:
            self._file, self._held = file, file.held
