"""How one thread waits for another's answer, where not every wait is a thread's."""

from typing import Protocol


class Event(Protocol):
    """What is used of `threading.Event`."""

    def set(self) -> None: ...

    def wait(self, timeout_s: float | None = None, /) -> bool:
        """Whether it was set within `timeout_s`; None waits for ever."""
        ...
