"""Which passes are due now. Pure; times are seconds since the epoch."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.reconcile.places import FILE
from console.reconcile.settings import FULL_AT_MOST_EVERY_S, OVERLAP
from shared.store.sweeps.store import ALL, Due

MANY_FILES = 200
"""Late or waiting files that are asked about one by one; more are found by a full pass at less cost."""


@dataclass(frozen=True, slots=True)
class Plan:
    """After the window pass, which is made each time."""

    files: tuple[Due, ...]
    places: tuple[Due, ...]
    full: str = ""
    """Why each room is read whole; empty where none is."""


def window_since(now: float, every_s: int, grace_s: int, last_at: float | None) -> float:
    """How far a window pass looks back: to the last that went well, and so that one that failed is made up for."""
    usual = now - OVERLAP * every_s - grace_s
    return usual if last_at is None else min(usual, last_at - grace_s)


def plan(now: float, due: Collection[Due], *, full_hour: int, first_at: float, last_full_at: float | None) -> Plan:
    """`first_at`: when a reconciler ran first; `last_full_at`: when the last full pass began."""
    files = tuple(each for each in due if each.scope.startswith(FILE))
    places = tuple(each for each in due if each.scope != ALL and not each.scope.startswith(FILE))
    reason = next((each.reason for each in due if each.scope == ALL), "")
    if len(files) > MANY_FILES:
        reason, files = reason or f"{len(files)} uploads are late, or wait in our queues", ()
    if reason and last_full_at is not None and now - last_full_at < FULL_AT_MOST_EVERY_S:
        reason = ""
    if not reason and (last_full_at or first_at) < quiet_time(now, full_hour):
        reason = "it is the quiet hour"
    return Plan(files, places, reason)


def quiet_time(now: float, full_hour: int) -> float:
    """The last time that it was this hour, UTC."""
    at = datetime.fromtimestamp(now, UTC)
    today = at.replace(hour=full_hour, minute=0, second=0, microsecond=0)
    return (today if today <= at else today - timedelta(days=1)).timestamp()
