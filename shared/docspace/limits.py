"""How many calls the processes of one stage have at the portal at once, and that a rate limit's wait is waited out.

DocSpace limits the user of the API key: 50 reads and 15 writes at once, 1,500 calls a minute, 10,000 writes a day
(RateLimiterSettings.cs; off by default where it is self-hosted). It answers the next with 429, at once.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import structlog

from shared.docspace.errors import BusyError, TryLaterError

UNTOLD = 4
"""Processes that are assumed until the broker has told their number, as it does once a worker consumes."""

PATIENCE_S = 15.0
"""For a place. A portal that leaves so many unanswered for so long is helped by fewer calls, not by more."""

LONGEST_QUIET_S = 60.0
"""Then the portal is asked once more: its wait may be that of a whole day, and a person may lift the limit."""


log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls at once: `together` by all processes of the stage, `each` by one of them at most."""

    together: int
    each: int

    def share(self, processes: int) -> int:
        return max(1, min(self.each, self.together // processes))


CLASSIFIERS_READ = Budget(together=20, each=16)
MOVERS_READ = Budget(together=28, each=10)
MOVERS_WRITE = Budget(together=12, each=3)
"""What is left of 50 and 15 is for the console's commands, and for processes that come before the others know."""

SELDOM = Budget(together=1, each=1)


class Limits:
    """For the calls of one process, by any number of threads. `Client(turn=…)` takes each call in its turn."""

    def __init__(self, reads: Budget, writes: Budget = SELDOM) -> None:
        self.most = reads.each + writes.each
        """Calls that may ever be under way at once."""
        self._reads = _Places(reads)
        self._writes = _Places(writes)
        self._told = 0
        self._among = 0

    def share_among(self, processes: int) -> None:
        """So many work for the stage, this one with them. More are believed at once, fewer when told twice."""
        before, self._told = self._told, max(1, processes)
        believed = max(before, self._told)
        if believed == self._among:
            return
        self._among = believed
        self._reads.share_among(believed)
        self._writes.share_among(believed)
        log.info("portal.share", processes=believed, reads=self._reads.count, writes=self._writes.count)

    def turn(self, method: str) -> contextlib.AbstractContextManager[None]:
        """Around one call. BusyError while the portal wants none, TryLaterError where no place came."""
        return (self._reads if method == "GET" else self._writes).turn()


class _Places:
    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.count = budget.share(UNTOLD)
        self._taken = 0
        self._quiet_until = 0.0
        self._changed = threading.Condition()

    def share_among(self, processes: int) -> None:
        with self._changed:
            self.count = self._budget.share(processes)
            self._changed.notify_all()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        self._take()
        quiet_s = 0.0
        try:
            yield
        except BusyError as error:
            quiet_s = min(error.retry_after_s or 0.0, LONGEST_QUIET_S)
            raise
        finally:
            self._give_back(quiet_s)

    def _take(self) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._quiet_s() > 0 or self._taken < self.count, PATIENCE_S):
                raise TryLaterError(
                    f"no place for another call to the portal in {PATIENCE_S:.0f} s: it answers slowly"
                )
            if (quiet_s := self._quiet_s()) > 0:
                raise BusyError("the portal limits our rate, and its wait is not over", retry_after_s=quiet_s)
            self._taken += 1

    def _give_back(self, quiet_s: float) -> None:
        with self._changed:
            self._taken -= 1
            if quiet_s:
                self._quiet_until = max(self._quiet_until, time.monotonic() + quiet_s)
                self._changed.notify_all()
            else:
                self._changed.notify()

    def _quiet_s(self) -> float:
        return self._quiet_until - time.monotonic()
