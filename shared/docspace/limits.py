"""How many calls the processes of one stage have at the portal at once; while it wants none, none is made.

It counts neither the calls of a minute nor the writes of a day: of those the portal's 429 tells.

DocSpace limits the user of the API key: 50 reads and 15 writes at once, 1,500 calls a minute, 10,000 writes a day
(RateLimiterSettings.cs; off by default where it is self-hosted). It answers the next with 429, at once.
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
"""Processes that are assumed until the broker has told their number twice: others may be starting beside us."""

PATIENCE_S = 15.0
"""For a place. A portal that leaves so many unanswered for so long is helped by fewer calls, not by more."""

QUIET_S = (1.0, 60.0)
"""For how long no call is made after a 429 that names a wait. At least: it may name 0, rounded down. At most: then
the portal is asked again, since its wait may be that of a whole day, and a person may lift the limit."""

UNNAMED_S = 2.0
"""After a 429 that names no wait: the limits of what is at once and of a minute name none, and let calls through
again within seconds (docs/explanation/portal.md)."""

STANDS_STILL_S = 60.0
"""A wait that is longer is told to people."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls at once: `together` by all processes of the stage, `each` by one of them at most."""

    together: int
    each: int

    def share(self, processes: int) -> int:
        return max(1, min(self.each, self.together // processes))


CLASSIFIERS_READ = Budget(together=18, each=16)
MOVERS_READ = Budget(together=24, each=10)
MOVERS_WRITE = Budget(together=12, each=3)
"""What is left of 50 and 15 is for one that comes before the others know, for probes, and for the console."""

SELDOM = Budget(together=1, each=1)


class Limits:
    """For the calls of one process, by any number of threads. `Client(turn=…)` takes each call in its turn."""

    def __init__(self, reads: Budget, writes: Budget = SELDOM) -> None:
        self.most = reads.each + writes.each
        """Calls that may ever be under way at once."""
        self._reads = _Places(reads)
        self._writes = _Places(writes)
        self._told = UNTOLD
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

    def check(self) -> str | None:
        """A readiness check: until when the portal wants no calls of ours, if that is for long."""
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
        """No call is made before this."""
        self._wanted_from = 0.0
        """What the portal said; what is refused here is told it."""
        self._changed = threading.Condition()

    def share_among(self, processes: int) -> None:
        with self._changed:
            self.count = self._budget.share(processes)
            self._changed.notify_all()

    def quiet_s(self) -> float:
        """How long the portal still wants no call, as it said last; 0 once a call was answered since."""
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
