"""What the projector does beside reading: it forgets what is old, and renews what an earlier release wrote."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from shared.store.history.retention import Retention
from shared.store.history.store import Store
from shared.store.history.tables import Database

FORGET_EVERY_S = 3600.0
RENEW = 200
"""Uploads of one turn: some 50 ms, in which no step is read."""
MARK = 2_000
"""Uploads that get their marks in one turn: some 20 ms of a processor."""
DAY_S = 86_400


class Pruned(Protocol):
    def prune(self, older_than_s: float, /) -> int:
        """Forget some rows; how many. 0: no more is left."""


class Upkeep:
    """Its methods raise TransientError, and may be repeated."""

    def __init__(
        self,
        database: Database,
        store: Store,
        *,
        steps_days: float,
        uploads_days: float,
        audit: Sequence[Pruned] = (),
        audit_days: float = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`audit`: what keeps who did what. `clock`: seconds since the epoch."""
        self._database = database
        self._store = store
        self._retention = Retention(database)
        self._steps_days = steps_days
        self._uploads_days = uploads_days
        self._audit = audit
        self._audit_days = audit_days
        self._clock = clock
        self._next_at = clock()
        self._is_renewed = self._is_marked = False

    def forget(self) -> None:
        """Once an hour."""
        now = self._clock()
        if now >= self._next_at:
            self._retention.forget_uploads(now - self._uploads_days * DAY_S)
            self._retention.forget_steps(now - self._steps_days * DAY_S)
            for store in self._audit:
                while store.prune(self._audit_days * DAY_S):
                    pass
            self._next_at = now + FORGET_EVERY_S

    def renew(self) -> None:
        """Some more, until there are none."""
        if not self._is_renewed:
            self._is_renewed = self._store.renew(RENEW) == 0
        elif not self._is_marked:
            self._is_marked = not self._database.mark(MARK)
