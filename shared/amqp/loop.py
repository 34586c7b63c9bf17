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
    """An event loop of asyncio in the place of pika's, for what else runs on it: pika's own adapter."""

    def start(self) -> None:
        failed: list[Exception] = []

        def stop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            if "handle" in context:  # a callback failed, as would end pika's loop; else it is a task or a transport
                failed.append(context["exception"])
                loop.stop()
            else:
                loop.default_exception_handler(context)

        self._loop.set_exception_handler(stop)
        self.run()
        if failed:
            raise failed[0]


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
