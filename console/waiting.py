"""Says on a terminal what is waited for, once that takes a second. In a pipe it says nothing."""

import sys
import time
from typing import Self

from rich.console import Console
from rich.markup import escape

AFTER_S = 1.0


class Waiting:
    """A context manager; called with what is done now, as often as one likes."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._status = Console(stderr=True).status("")
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._status.stop()

    def __call__(self, doing: str) -> None:
        if not sys.stderr.isatty() or time.monotonic() - self._begun < AFTER_S:
            return
        self._status.update(escape(doing))
        if not self._shown:
            self._status.start()
            self._shown = True
