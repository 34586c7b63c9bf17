"""Whether mail leaves at all: what was last said of every mail. For many threads."""

import threading
from collections.abc import Callable

import structlog

from shared.smtp.errors import NoMailNowError

AGAIN_S = (1.0, 30.0)
"""From the first look to the next, and at most: what is back is seen soon, and two logins a minute harm nobody."""

log = structlog.get_logger()


class MailHealth:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fault: NoMailNowError | None = None

    def check(self) -> str | None:
        """A readiness check: why no mail leaves, or None."""
        fault = self._fault
        return str(fault) if fault else None

    @property
    def connecting_tells(self) -> bool:
        """Whether there is a fault, and to connect anew would tell that it has passed."""
        fault = self._fault
        return fault is not None and fault.connecting_tells

    def failed(self, error: NoMailNowError) -> None:
        with self._lock:
            before, self._fault = self._fault, error
        if before is None or str(before) != str(error):
            log.warning("mail.fault", reason=str(error))

    def connected(self) -> None:
        """Secured and logged in: a limit or a refused sender is not disproved by it."""
        if self._fault is None or self.connecting_tells:
            self.taken()

    def taken(self) -> None:
        """A mail was accepted."""
        if self._fault is None:
            return
        with self._lock:
            before, self._fault = self._fault, None
        if before:
            log.info("mail.ready", after=str(before))


def watch(health: MailHealth, check: Callable[[], str | None], stopped: Callable[[float], bool]) -> None:
    """Look at the start, so that a wrong SMTP_URL shows before an invoice waits for it; then again while a fault
    stands that looking can end. `check` tells `health`; `stopped` sleeps so long, and says whether to end.
    """
    first_s, longest_s = AGAIN_S
    if check() is None:
        log.info("mail.ready")
    wait_s = first_s
    while not stopped(wait_s):
        if health.connecting_tells:
            check()
            wait_s = min(2 * wait_s, longest_s)
        else:
            wait_s = first_s
