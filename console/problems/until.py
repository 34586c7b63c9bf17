"""A moment to come, as people write it: `2h`, `18:00`, `tomorrow 08:00`, `friday`, `2026-12-01 09:00`. Pure."""

import re
from datetime import date, datetime, timedelta, tzinfo
from datetime import time as time_of_day

from console.history.dates import WEEKDAYS

_IN = re.compile(r"(\d{1,5})([mhd])")
_SHORT = tuple(name[:3] for name in WEEKDAYS)
_UNITS_S = {"m": 60, "h": 3_600, "d": 86_400}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def moment_to_come(text: str, now: float, zone: tzinfo | None = None) -> float:
    """In seconds since the epoch. A day alone is its beginning. ValueError says what it may be.

    `zone` is None for the zone of this computer.
    """
    words = text.strip().casefold().replace("t", " ", 1) if _DATE.match(text.strip()) else text.strip().casefold()
    if found := _IN.fullmatch(words):
        return now + int(found[1]) * _UNITS_S[found[2]]
    today = datetime.fromtimestamp(now, zone).date()
    parts = words.split()
    day = _day(parts[0], today) if parts else None
    rest = parts[1:] if day is not None else parts
    times = [found for word in rest if (found := _TIME.fullmatch(word))]
    if len(times) != len(rest) or len(rest) > 1 or (day is None and not times):
        raise ValueError(f"{text!r} is no time: 2h, 18:00, tomorrow, 'friday 08:00' and 2026-12-01 are some")
    of_day = time_of_day(int(times[0][1]), int(times[0][2])) if times else time_of_day()
    at = datetime.combine(day or today, of_day, zone)
    if at.timestamp() <= now and (day is None or parts[0][:3] in _SHORT):
        at = datetime.combine(at.date() + timedelta(days=1 if day is None else 7), of_day, zone)
    return at.timestamp()


def _day(word: str, today: date) -> date | None:
    if word == "tomorrow":
        return today + timedelta(days=1)
    for place, name in enumerate(WEEKDAYS):
        if word in {name, name[:3]}:
            return today + timedelta(days=(place - today.weekday()) % 7)
    try:
        return date.fromisoformat(word) if _DATE.fullmatch(word) else None
    except ValueError:
        return None
