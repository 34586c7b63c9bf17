"""Runs pika's I/O loop on a thread of its own. Other threads may call into it, even after it has ended."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from pika.adapters.asyncio_connection import _AsyncioIOServicesAdapter
from pika.adapters.select_connection import IOLoop

from shared.threads import vital
from shared.threads.vital import Then


class AsyncioLoop(_AsyncioIOServicesAdapter):  # type: ignore[misc]  # pika has no types that mypy may follow
    """Runs pika on an asyncio event loop that other work shares, with pika's own adapter.

    If a callback of pika's fails, the loop ends, as pika's own loop would. If a callback of other work fails, it
    does not.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._failed: Exception | None = None

    def start(self) -> None:
        self.run()
        if self._failed is not None:
            raise self._failed

    def add_callback_threadsafe(self, callback: Callable[[], None]) -> None:
        super().add_callback_threadsafe(self._guarded(callback))

    def call_later(self, delay: float, callback: Callable[[], None]) -> Any:
        return super().call_later(delay, self._guarded(callback))

    def set_reader(self, fd: int, on_readable: Callable[[], None]) -> None:
        super().set_reader(fd, self._guarded(on_readable))

    def set_writer(self, fd: int, on_writable: Callable[[], None]) -> None:
        super().set_writer(fd, self._guarded(on_writable))

    def _guarded(self, callback: Callable[[], None]) -> Callable[[], None]:
        def call() -> None:
            try:
                callback()
            except Exception as error:  # noqa: BLE001 - raised once the loop has ended
                self._failed = error
                self.stop()

        return call


class LoopThread:
    """Runs `begin` and then the loop. If the loop ends with an error, the process ends too."""

    def __init__(self, name: str, begin: Callable[[], None], loop: IOLoop | AsyncioLoop | None = None) -> None:
        self.loop = loop or IOLoop()
        self._begin = begin
        self._lock = threading.Lock()
        self._ended = False
        self._name = name
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = vital.start(self._name, self._run, then=Then.END)

    def call(self, callback: Callable[[], None]) -> None:
        """Have the loop call it soon. Once the loop has ended, nothing happens."""
        with self._lock:
            if not self._ended:
                self.loop.add_callback_threadsafe(callback)

    def join(self, timeout_s: float) -> None:
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._begin()
            self.loop.start()
        finally:
            with self._lock:
                self._ended = True
                self.loop.close()
