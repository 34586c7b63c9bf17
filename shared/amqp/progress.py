"""Tells whether a stage makes progress with the messages in hand. Thread-safe.

Each settled message is progress, whatever its outcome. A stage may report other progress: the mover waits long for
a portal that goes on answering.
"""

import time
from collections.abc import Callable

STANDS_STILL_S = 60.0
"""A broker may need this long for a new leader or a restart, and a portal for a busy moment. A stage without
progress for longer stands still."""


class Progress:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = self._turned_at = clock()
        self._lost_at: float | None = None
        """When the last connection was lost with messages in hand; the broker delivers these again."""

    def made(self) -> None:
        self._since = self._clock()
        self._lost_at = None

    def began(self) -> None:
        """A message came while none was in hand. If a lost connection's messages come again soon, the time goes
        on from before.
        """
        now = self._clock()
        if self._lost_at is None or now - self._lost_at > STANDS_STILL_S:
            self._since = now
        self._lost_at = None

    def lost(self, in_hand: int) -> None:
        """The connection was lost, with this many messages in hand."""
        if in_hand:
            self._lost_at = self._clock()

    def turned(self) -> None:
        """The thread of the broker's connections is alive."""
        self._turned_at = self._clock()

    def check(self, in_hand: int) -> str | None:
        """Why the stage stands still, None if it does not."""
        turned_s = self._clock() - self._turned_at
        if turned_s > STANDS_STILL_S:
            return f"stands still: the thread of the broker's connections has done nothing for {turned_s:.0f} s"
        still_s = self._clock() - self._since
        if not in_hand or still_s <= STANDS_STILL_S:
            return None
        return f"stands still: of {in_hand} messages in hand none was settled for {still_s:.0f} s"
