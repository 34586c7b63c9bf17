"""An endpoint's breaker. It opens once several different events found the endpoint down, or as it asks for a pause.

Meanwhile what comes for it rests in its queue. What asks whether it works again is one of the events that failed.
"""

import threading
import time
from collections import deque

from shared.hooks.body import webhook_id
from shared.runtime.breaker import FAILURES, Breaker
from shared.wire.message import Message

FIRST_WAIT_S, LONGEST_WAIT_S = 5.0, 60.0
"""Between two tries. Each is a request of an event that waits, so a minute is soon enough."""


class Gate(Breaker):
    """For many threads."""

    def __init__(self) -> None:
        super().__init__(FIRST_WAIT_S, LONGEST_WAIT_S)
        self._failing: deque[Message] = deque()
        """Different events that failed since the last success, FAILURES at most."""
        self._holding = threading.Lock()
        self._not_before = 0.0

    def refused(self, message: Message, reason: str, wait_s: float | None = None) -> None:
        """The endpoint as a whole did not take the event; `wait_s` is what it asked for."""
        id_ = webhook_id(message)
        with self._holding:
            if all(webhook_id(each) != id_ for each in self._failing) and len(self._failing) < FAILURES:
                self._failing.append(message)
            down = len(self._failing) >= FAILURES
            if wait_s is not None:
                self._not_before = time.monotonic() + wait_s
        if down or wait_s is not None:
            self.failed(reason, certain=True)

    def accepted(self) -> None:
        with self._holding:
            self._failing.clear()
        self.succeeded()

    def close(self) -> None:
        with self._holding:
            self._failing.clear()
            self._not_before = 0.0
        super().close()

    def sample(self) -> Message | None:
        """One of the events that failed, in turn: it may be the one that no receiver would take."""
        with self._holding:
            if not self._failing:
                return None
            self._failing.rotate(-1)
            return self._failing[-1]

    def next_wait_s(self) -> float:
        return max(super().next_wait_s(), self._not_before - time.monotonic())
