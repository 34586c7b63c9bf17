"""An event to wait for. A fiber may wait for it instead of a thread."""

from typing import Protocol


class Event(Protocol):
    """The part of `threading.Event` that is used."""

    def set(self) -> None: ...

    def wait(self, timeout_s: float | None = None, /) -> bool:
        """Returns whether it was set within `timeout_s`. None waits for ever."""
        ...
