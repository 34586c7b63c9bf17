"""The I/O loop of pika in a thread of its own; other threads may call into it at any time, even after its end."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import structlog
from pika.adapters.asyncio_connection import _AsyncioIOServicesAdapter
from pika.adapters.select_connection import IOLoop

log = structlog.get_logger()


class AsyncioLoop(_AsyncioIOServicesAdapter):  # type: ignore[misc]  # pika has no types that mypy may follow
    """An event loop of asyncio in the place of pika's, for what else runs on it: pika's own adapter.

    A callback of pika's that fails ends the loop, as it would end pika's own; what else runs there does not.
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
    """Runs `begin` and then the loop. `died` is set if it ended by an error: then the process must end too."""

    def __init__(self, name: str, begin: Callable[[], None], loop: IOLoop | AsyncioLoop | None = None) -> None:
        self.loop = loop or IOLoop()
        self.died = threading.Event()
        self._begin = begin
        self._lock = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def call(self, callback: Callable[[], None]) -> None:
        """Have the loop call it soon; nothing happens once the loop has ended."""
        with self._lock:
            if not self._ended:
                self.loop.add_callback_threadsafe(callback)

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._begin()
            self.loop.start()
        except Exception:
            log.exception("broker.loop_failed")
            self.died.set()
        finally:
            with self._lock:
                self._ended = True
                self.loop.close()
