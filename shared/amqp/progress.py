"""Whether a stage gets anywhere with the messages that it has in hand. For many threads.

Settling a message is progress, whatever becomes of it. So is whatever else its stage says is: the mover waits long
for a portal that goes on answering.
"""

import time
from collections.abc import Callable

STANDS_STILL_S = 60.0
"""So long a broker may need for a leader or a restart, and a portal for a busy moment. A stage that waits longer
is not at work."""


class Progress:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = self._turned_at = clock()
        self._lost_at: float | None = None
        """When the last connection ended with messages in hand, which come again."""

    def made(self) -> None:
        self._since = self._clock()
        self._lost_at = None

    def began(self) -> None:
        """A message came, and no other was in hand. What comes again soon after a loss is no new beginning."""
        now = self._clock()
        if self._lost_at is None or now - self._lost_at > STANDS_STILL_S:
            self._since = now
        self._lost_at = None

    def lost(self, in_hand: int) -> None:
        """The connection ended, and what was in hand with it."""
        if in_hand:
            self._lost_at = self._clock()

    def turned(self) -> None:
        """The thread of the broker's connections lives."""
        self._turned_at = self._clock()

    def check(self, in_hand: int) -> str | None:
        """Why the stage stands still, else None."""
        turned_s = self._clock() - self._turned_at
        if turned_s > STANDS_STILL_S:
            return f"stands still: the thread of the broker's connections has done nothing for {turned_s:.0f} s"
        still_s = self._clock() - self._since
        if not in_hand or still_s <= STANDS_STILL_S:
            return None
        return f"stands still: of {in_hand} messages in hand none was settled for {still_s:.0f} s"
