"""Whether a worker takes messages: several may want it stopped, and it goes on once none of them does."""

import threading
from collections.abc import Callable


class Intake:
    """For many threads."""

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._pause, self._resume = pause, resume
        self._lock = threading.Lock()
        self._stopped_by: set[str] = set()

    def stop(self, who: str) -> None:
        """Repeating it changes nothing."""
        with self._lock:
            if not self._stopped_by:
                self._pause()
            self._stopped_by.add(who)

    def go_on(self, who: str) -> None:
        """As far as `who` is concerned. Repeating it changes nothing."""
        with self._lock:
            if who in self._stopped_by:
                self._stopped_by.remove(who)
                if not self._stopped_by:
                    self._resume()
