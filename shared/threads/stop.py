"""Whether a process was asked to end."""

import os
import signal
import threading
from dataclasses import dataclass, field
from types import FrameType


@dataclass(frozen=True, slots=True)
class Stop:
    """Whether the process was asked to stop. Handlers sleep with it."""

    _event: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> bool:
        """Sleep for this long. True, at once, if the process is to stop."""
        return self._event.wait(seconds)

    def ask(self) -> None:
        self._event.set()

    @property
    def asked(self) -> bool:
        return self._event.is_set()

    def on_signals(self) -> None:
        """SIGTERM and SIGINT ask to stop; a second one ends the process at once."""

        def received(number: int, _frame: FrameType | None) -> None:
            if self.asked:
                os._exit(128 + number)
            self.ask()

        signal.signal(signal.SIGTERM, received)
        signal.signal(signal.SIGINT, received)
