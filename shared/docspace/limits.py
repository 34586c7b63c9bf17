"""Limits how many calls a stage's processes make to the portal at once: none while the portal wants none.

DocSpace limits the user of the API key: 50 reads and 15 writes at once, 1,500 calls a minute, 10,000 writes a day
(RateLimiterSettings.cs; off by default if self-hosted). It refuses the next call with 429 at once. Calls a minute
and writes a day are not counted here; the portal's 429 tells of them.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from shared.docspace.errors import BusyError, TryLaterError, UnreachableError

UNTOLD = 6
"""How many processes are assumed until the broker has told their number twice: others may be starting too."""

PATIENCE_S = 15.0
"""How long a call waits for its turn. If a portal leaves so many calls unanswered for so long, fewer calls help
it, not more."""

QUIET_S = (1.0, 60.0)
"""After a 429 that names a wait, no call is made for this long: at least, because the portal may round the wait
down to 0; at most, because it may be the wait of a whole day, and a person may lift the limit."""

UNNAMED_S = 2.0
"""The wait after a 429 that names none. The limits for calls at once and for a minute name none, and end within
seconds (docs/explanation/portal.md)."""

STANDS_STILL_S = 60.0
"""People are told of a wait that is longer than this."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls at once: `together` for all processes of the stage, `each` for one of them at most."""

    together: int
    each: int

    def share(self, processes: int) -> int:
        return max(1, min(self.each, self.together // processes))


CLASSIFIERS_READ = Budget(together=18, each=16)
MOVERS_READ = Budget(together=24, each=10)
MOVERS_WRITE = Budget(together=12, each=3)
"""The rest of 50 and 15 is for a process that starts before the others know of it, for probes, and for the
console."""

SELDOM = Budget(together=1, each=1)


class Limits:
    """The limits of one process. Thread-safe. `Client(turn=…)` makes each call wait for its turn here."""

    def __init__(self, reads: Budget, writes: Budget = SELDOM) -> None:
        self.most = reads.each + writes.each
        """The most calls that can ever be under way at once."""
        self._reads = _Places(reads)
        self._writes = _Places(writes)
        self._told = UNTOLD
        self._among = 0

    def share_among(self, processes: int) -> None:
        """So many processes work for the stage, this one included. A larger number counts at once, a smaller one
        when it was told twice.
        """
        before, self._told = self._told, max(1, processes)
        believed = max(before, self._told)
        if believed == self._among:
            return
        self._among = believed
        self._reads.share_among(believed)
        self._writes.share_among(believed)
        log.info("portal.share", processes=believed, reads=self._reads.count, writes=self._writes.count)

    def turn(self, method: str) -> contextlib.AbstractContextManager[None]:
        """Put it around one call. BusyError while the portal wants no calls, TryLaterError if no turn came in
        time.
        """
        return (self._reads if method == "GET" else self._writes).turn()

    def check(self) -> str | None:
        """A readiness check: until when the portal wants no calls of ours, if that is long."""
        for kind, places in (("reads", self._reads), ("moves", self._writes)):
            left_s = places.quiet_s()
            if left_s > STANDS_STILL_S:
                until = datetime.now(UTC) + timedelta(seconds=left_s)
                return f"the portal limits our rate: it takes no {kind} until {until:%Y-%m-%d %H:%M} UTC"
        return None


class _Places:
    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.count = budget.share(UNTOLD)
        self._taken = 0
        self._quiet_until = 0.0
        """No call is made before this time."""
        self._wanted_from = 0.0
        """When the portal wants calls again, as it said. Calls that are refused here are told this time."""
        self._changed = threading.Condition()

    def share_among(self, processes: int) -> None:
        with self._changed:
            self.count = self._budget.share(processes)
            self._changed.notify_all()

    def quiet_s(self) -> float:
        """How much longer the portal wants no calls, by its last answer; 0 if it has answered a call since."""
        with self._changed:
            return max(0.0, self._wanted_from - time.monotonic())

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        self._take()
        wait_s, answered = None, True
        try:
            yield
        except BusyError as error:
            wait_s = UNNAMED_S if error.retry_after_s is None else error.retry_after_s
            raise
        except UnreachableError:
            answered = False
            raise
        finally:
            self._give_back(wait_s, answered=answered)

    def _take(self) -> None:
        with self._changed:
            until = time.monotonic() + PATIENCE_S
            while (now := time.monotonic()) >= self._quiet_until and self._taken >= self.count:
                if not self._changed.wait(until - now):
                    raise TryLaterError(
                        f"no turn for a call to the portal in {PATIENCE_S:.0f} s: all our {self.count} are taken"
                    )
            if now < self._quiet_until:
                raise BusyError(
                    "the portal limits our rate, and its wait is not over",
                    retry_after_s=max(0.0, self._wanted_from - now),
                )
            self._taken += 1

    def _give_back(self, wait_s: float | None, *, answered: bool) -> None:
        with self._changed:
            self._taken -= 1
            if wait_s is None:
                if answered and self._quiet_until <= time.monotonic():
                    self._wanted_from = 0.0
                self._changed.notify()
                return
            now, (least_s, most_s) = time.monotonic(), QUIET_S
            wait_s = max(wait_s, least_s)
            self._quiet_until = max(self._quiet_until, now + min(wait_s, most_s))
            self._wanted_from = now + wait_s
            self._changed.notify_all()
