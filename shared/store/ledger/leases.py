"""Renews the claims of a process while it works, so that a lease ends soon after its holder and not before.

A process that dies or freezes renews nothing. If another process took the work over meanwhile, the token of the
frozen one is void.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import structlog

from shared.errors import TransientError
from shared.store.ledger.rows import Claim
from shared.threads import vital
from shared.threads.vital import Then

LEASE_S = 15.0
"""How long a claim lasts after its holder died. It is renewed three times within that time, so two may fail."""

RENEWALS = 3
"""How often a claim is renewed within the time of its lease."""

RETRY_S = 1.0
"""The pause after a renewal that failed. The database may be restarting."""

log = structlog.get_logger()

Renew = Callable[[Sequence[Claim], float], None]
"""`Rows.renew`: takes claims and seconds, raises TransientError."""


class Leases:
    """Renews what is held, in a thread of its own. The thread ends when nothing was held for a while."""

    def __init__(self, renew: Renew) -> None:
        self._renew = renew
        self._held: dict[Claim, float] = {}
        """Each claim with the seconds of its lease."""
        self._changed = threading.Condition()
        self._runs = False

    @contextlib.contextmanager
    def held(self, key: str, token: str, lease_s: float = LEASE_S) -> Iterator[None]:
        """Renew the claim within this block. `lease_s` is what it was won with. Raises nothing."""
        claim = Claim(key, token)
        with self._changed:
            shortest_s = min(self._held.values(), default=LEASE_S)
            self._held[claim] = lease_s
            if not self._runs:
                self._runs = vital.start_if_possible(
                    "ledger leases", self._run, then=Then.RESTART, longest_pause_s=RETRY_S
                )
            elif lease_s < shortest_s:
                self._changed.notify()  # this claim's renewal is due first
        try:
            yield
        finally:
            with self._changed:
                del self._held[claim]

    def _run(self) -> None:
        failed = False
        rested_at = time.monotonic()
        while self._wait(rested_at, failed=failed):
            rested_at = time.monotonic()
            failed = self._round(failed=failed)

    def _wait(self, since: float, *, failed: bool) -> bool:
        """Wait until the next renewal is due. False if nothing is held then."""
        with self._changed:
            while True:
                pause_s = min(self._held.values(), default=LEASE_S) / RENEWALS
                left_s = since + (min(pause_s, RETRY_S) if failed else pause_s) - time.monotonic()
                if left_s <= 0:
                    self._runs = bool(self._held)
                    return self._runs
                self._changed.wait(left_s)

    def _round(self, *, failed: bool) -> bool:
        """Renew all claims. Returns whether that failed."""
        with self._changed:
            held = dict(self._held)
        try:
            for lease_s in set(held.values()):  # outside tests all have the same
                self._renew([claim for claim, its_s in held.items() if its_s == lease_s], lease_s)
        except TransientError as error:
            if not failed:
                log.warning("ledger.renewal_failed", reason=str(error), claims=len(held))
            return True
        if failed:
            log.info("ledger.renewal_recovered", claims=len(held))
        return False
