"""While a worker's breaker is open, stops it from taking messages, and probes until the breaker may close.

It handles no message: those in hand go back as they are.
"""

import time
from collections.abc import Callable
from functools import partial

import structlog

from shared.runtime.breaker import Breaker
from shared.runtime.handling import Handler
from shared.text.codes import Code
from shared.threads import vital
from shared.threads.vital import Then
from shared.wire.message import Message
from shared.wire.outcome import Outcome, Retry

log = structlog.get_logger()


class Guard:
    def __init__(self, breaker: Breaker, probe: Callable[[], str | None]) -> None:
        """`probe` returns None if the dependency works, else why it does not. It may take long. If it raises, it
        is called again later, and no message is taken meanwhile.
        """
        self._breaker = breaker
        self._probe = probe

    @property
    def open(self) -> bool:
        return self._breaker.reason is not None

    def check(self) -> str | None:
        """A readiness check: a worker that takes no messages is not ready."""
        reason = self._breaker.reason
        return f"paused: {reason}" if reason else None

    def unless_open(self, handler: Handler) -> Handler:
        """While the breaker is open, every message goes back untried, and neither its attempts nor its age grow."""

        def handle(message: Message) -> Outcome:
            paused = self.check()
            return handler(message) if paused is None else Retry(paused, Code.PAUSED, untried=True, ages=False)

        return handle

    def start(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        """Watch from a thread that ends with the process."""
        vital.start("breaker", partial(self._run, pause, resume), then=Then.RESTART)

    def _run(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        while True:
            self._breaker.wait_until_open()
            opened = time.monotonic()
            pause()
            log.error("breaker.opened", reason=self._breaker.reason)
            time.sleep(self._breaker.next_wait_s())
            while (fault := self._probe()) is not None:
                log.debug("breaker.probed", reason=fault)
                time.sleep(self._breaker.next_wait_s())
            reason = self._breaker.reason
            self._breaker.close()
            resume()
            log.info("breaker.closed", reason=reason, seconds=round(time.monotonic() - opened, 1))
