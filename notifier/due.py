"""When a person may next be told. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from shared.rules.digest import AtMostEvery, AtOnce, AtTimes, Digest
from shared.rules.hours import Hours, first_shown

AHEAD_DAYS = 15
"""How far ahead a time within the hours is looked for: two weeks, as a day of a clock's change may have none."""


def due_at(
    now: float, digest: Digest, hours: Hours | None, timezone: str, quiet_until: float | None
) -> float | None:
    """When a message of this kind may next go, in seconds since the epoch; None: at once.

    `hours`: None is at all hours. `timezone`: an IANA name, by whose clock the digest and the hours are.
    `quiet_until`: until when nothing follows what was told last; only AtMostEvery asks for it.
    """
    zone = ZoneInfo(timezone)
    match digest:
        case AtOnce():
            due = _open_from(now, hours, zone)
        case AtMostEvery():
            due = _open_from(max(now, quiet_until or now), hours, zone)
        case AtTimes():
            return _next_time(now, digest, hours, zone)
        case _:
            assert_never(digest)
    return due if due > now else None


def _open_from(start: float, hours: Hours | None, zone: ZoneInfo) -> float:
    """The first moment from this one on at which the hours are open."""
    return start if hours is None or _is_open(hours, start, zone) else hours.opening(start, zone)


def _next_time(now: float, digest: AtTimes, hours: Hours | None, zone: ZoneInfo) -> float:
    """The next of the times that is within the hours; the next opening where none ever is."""
    moments = _moments(now, digest, zone)
    if hours is None:
        return next(moments)
    return next((at for at in moments if _is_open(hours, at, zone)), None) or hours.opening(now, zone)


def _moments(now: float, digest: AtTimes, zone: ZoneInfo) -> Iterator[float]:
    today = datetime.fromtimestamp(now, zone).date()
    for number in range(AHEAD_DAYS):
        on_day = (first_shown(today + timedelta(days=number), at, zone) for at in digest.times)
        yield from (at for at in on_day if at > now)


def _is_open(hours: Hours, at: float, zone: ZoneInfo) -> bool:
    return hours.open_at(datetime.fromtimestamp(at, zone))
