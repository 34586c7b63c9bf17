"""How often a chat is told: services refuse or ban who sends a burst. For many threads of one process."""

import functools
import threading
import time

from shared.errors import TransientError
from shared.text.codes import Code

MOST_WAIT_S = 25.0
"""Less than a worker has for one channel. Who would wait longer for a turn comes again later."""

EVERY_S = {"tgram": 3.0, "discord": 2.0}
"""By the scheme of the service, where it asks for more than Apprise keeps to: Telegram takes 20 messages a minute
in a group (core.telegram.org/bots/faq), Discord 30 a minute on a webhook."""


class NotItsTurnError(TransientError):
    """The chat was not asked: others are told before."""

    code = Code.CHANNEL_BUSY
    untried = True


class Pace:
    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._lock = threading.Lock()
        self._next = 0.0

    def take_turn(self) -> None:
        """Return when it is this caller's turn; NotItsTurnError at once if that takes longer than MOST_WAIT_S."""
        with self._lock:
            now = time.monotonic()
            wait_s = max(0.0, self._next - now)
            if wait_s > MOST_WAIT_S:
                raise NotItsTurnError(
                    f"it takes one message every {self._every_s:g} s, and others are told before",
                    retry_after_s=wait_s,
                )
            self._next = now + wait_s + self._every_s
        if wait_s:
            time.sleep(wait_s)


@functools.lru_cache(maxsize=1_000)
def pace_of(chat_id: str, every_s: float) -> Pace:
    """One for each chat, whichever rules name it, and however often rules are read."""
    del chat_id
    return Pace(every_s)
