"""Says on a terminal what is waited for, once that takes a second. In a pipe it says nothing."""

import sys
import threading
from typing import Self

from rich.console import Console
from rich.text import Text

from shared.text.outside import cell

AFTER_S = 1.0


class Waiting:
    """A context manager, in which nothing is printed; called with what is done now, as often as one likes."""

    def __init__(self, doing: str = "") -> None:
        self._status = Console(stderr=True).status(Text(cell(doing)))
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
            self._status.stop()

    def __call__(self, doing: str) -> None:
        self._status.update(Text(cell(doing)))

    def _show(self) -> None:
        with self._lock:
            if not self._over:
                self._status.start()
