"""The I/O loop of pika in a thread of its own; other threads may call into it at any time, even after its end."""

import threading
from collections.abc import Callable

import structlog
from pika.adapters.select_connection import IOLoop

log = structlog.get_logger()


class LoopThread:
    """Runs `begin` and then the loop. `died` is set if it ended by an error: then the process must end too."""

    def __init__(self, name: str, begin: Callable[[], None]) -> None:
        self.loop = IOLoop()
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
