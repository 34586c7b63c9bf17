"""Stops a worker's intake while a person has paused its stage, or while the worker is too old for its database. It
does not know where that is written.

A message that is in hand when the pause begins goes back as it is, and does not age.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import structlog

from shared.errors import OutdatedError, TransientError
from shared.runtime.handling import Handler
from shared.text.codes import Code
from shared.text.outside import one_line
from shared.threads import vital
from shared.threads.vital import Then
from shared.wire.message import Message
from shared.wire.outcome import Outcome, Retry

EVERY_S = 5.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pause:
    stage: str
    who: str
    why: str
    at: float
    """Seconds since the epoch, as the next."""
    until: float

    def __str__(self) -> str:
        end = f"{datetime.fromtimestamp(self.until, UTC):%Y-%m-%d %H:%M} UTC"
        return one_line(f"paused by {self.who} until {end}" + (f": {self.why}" if self.why else ""))


class ByHand:
    def __init__(self, look: Callable[[], Pause | None], clock: Callable[[], float] = time.time) -> None:
        """`look` says which pause holds now; where it raises TransientError, what was known goes on to hold. While
        it raises OutdatedError, no message is taken: newer workers handle them.
        """
        self._look = look
        self._clock = clock
        self._pause: Pause | None = None
        self._outdated: str | None = None
        self._is_told = False
        """That it cannot be looked for."""

    @property
    def pause(self) -> Pause | None:
        """The one that holds now. It ends in time though nobody can be asked."""
        pause = self._pause
        return pause if pause is not None and pause.until > self._clock() else None

    def check(self) -> str | None:
        """A readiness check: a worker that takes no messages is not ready."""
        return self._outdated or (None if self.pause is None else str(self.pause))

    @property
    def open(self) -> bool:
        return self.check() is not None

    def unless_open(self, handler: Handler) -> Handler:
        """While it takes none, no message is tried, and none ages."""

        def handle(message: Message) -> Outcome:
            paused = self.check()
            return handler(message) if paused is None else Retry(paused, Code.PAUSED, untried=True, ages=False)

        return handle

    def start(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        """Look again and again, from a thread that ends with the process. Until the first look nothing is taken.

        `pause` and `resume` may be called again and again.
        """
        pause()
        vital.start("look", partial(self._run, pause, resume), then=Then.RESTART)

    def _run(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        while True:
            self.look(pause, resume)
            time.sleep(EVERY_S)

    def look(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        before, outdated = self.pause, self._outdated
        try:
            self._pause = self._look()
            self._outdated = None
            self._is_told = False
        except OutdatedError as error:
            self._outdated = str(error)
        except TransientError as error:
            if not self._is_told:  # once, though it is looked for again and again
                log.warning("pause.not_looked_for", reason=str(error))
            self._is_told = True
        now = self.pause
        (resume if self.check() is None else pause)()
        if (before is None) != (now is None):
            log.warning("intake.paused" if now else "intake.resumed", reason=str(now or before))
        if self._outdated and not outdated:
            log.error("program.outdated", reason=self._outdated)
