"""Wakes the thread that goes on with actions when one is asked for in its own process."""

import threading

_asked = threading.Event()


def asked() -> None:
    """There is something to do."""
    _asked.set()


def rest(seconds: float) -> None:
    """Until something was asked for since the last rest; at most so long."""
    _asked.wait(seconds)
    _asked.clear()
