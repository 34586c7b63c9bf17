"""Deletes what is old from the ledger and the outbox in the background, to save space. Nothing depends on it."""

import random
from collections.abc import Callable
from functools import partial
from typing import Protocol

import structlog

from shared.errors import TransientError
from shared.store.ledger import PRUNE_BATCH
from shared.threads import vital
from shared.threads.vital import Then

EVERY_S = 3600.0
SPREAD = 0.25
"""How much the pauses differ, so that the workers of one database do not prune at the same moment."""

BETWEEN_BATCHES_S = 0.1
"""A pause in which claims that wait for SQLite's one writer get their turn."""

DAY_S = 86_400.0

log = structlog.get_logger()

Wait = Callable[[float], bool]
"""Sleeps so many seconds. If the process is to stop, it returns True at once."""


class Pruned(Protocol):
    def prune(self, older_than_s: float, /) -> int:
        """Delete some rows; how many. Fewer than PRUNE_BATCH: no more is left. TransientError."""


def prune_in_background(store: Pruned, keep_days: float, wait: Wait, thread: str = "housekeeping") -> None:
    """Prune within a minute and then about once an hour, in a thread that ends with the process."""
    vital.start(thread, partial(_run, store, keep_days, wait), then=Then.RESTART)


def _run(store: Pruned, keep_days: float, wait: Wait) -> None:
    pause_s = random.uniform(0, 60)  # noqa: S311 - spread, not secrecy
    while not wait(pause_s):
        prune(store, keep_days, wait)
        pause_s = EVERY_S * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311 - spread, not secrecy


def prune(store: Pruned, keep_days: float, wait: Wait) -> int:
    """Prune in batches; returns how many rows. If the database is away, it logs that, and tries again next time."""
    pruned = 0
    try:
        while True:
            batch = store.prune(keep_days * DAY_S)
            pruned += batch
            if batch < PRUNE_BATCH or wait(BETWEEN_BATCHES_S):
                break
    except TransientError as error:
        log.warning("ledger.prune_failed", reason=str(error), pruned=pruned)
    else:
        log.info("ledger.pruned", pruned=pruned, older_than_days=keep_days)
    return pruned
