"""Says on a terminal what is waited for, once that takes a second. In a pipe it says nothing."""

import sys
import threading
from typing import Any, Self

from shared.text.outside import cell

AFTER_S = 1.0


class Waiting:
    """A context manager, in which nothing is printed; called with what is done now, as often as one likes."""

    def __init__(self, doing: str = "") -> None:
        self._doing = doing
        self._status: Any = None
        self._lock = threading.Lock()
        self._over = False
        self._timer = threading.Timer(AFTER_S, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over = True
            self._timer.cancel()
            if self._status is not None:
                self._status.stop()

    def __call__(self, doing: str) -> None:
        with self._lock:
            self._doing = doing
            if self._status is not None:
                self._status.update(self._shown())

    def _show(self) -> None:
        with self._lock:
            if not self._over:
                from rich.console import Console  # noqa: PLC0415 - what ends within the second needs none

                self._status = Console(stderr=True).status(self._shown())
                self._status.start()

    def _shown(self) -> Any:
        from rich.text import Text  # noqa: PLC0415

        return Text(cell(self._doing))
