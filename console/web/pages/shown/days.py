"""Days and moments as people type them. Pure. INTERIM"""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{1,2}:\d{2}")


def day(text: str, now: float, zone: ZoneInfo) -> tuple[float, float] | None:
    """Where the day begins and ends that a word names; None for a word that names none."""
    today = datetime.fromtimestamp(now, zone).date()
    word = text.casefold()
    if word in WEEKDAYS:
        found = today - timedelta(days=(today.weekday() - WEEKDAYS.index(word)) % 7)
    elif word in ("today", "yesterday"):
        found = today - timedelta(days=word == "yesterday")
    elif _DATE.fullmatch(word):
        try:
            found = date.fromisoformat(word)
        except ValueError:
            return None
    else:
        return None
    return _at(found, time(), zone), _at(found + timedelta(days=1), time(), zone)


def moment(text: str, now: float, zone: ZoneInfo, *, end: bool = False) -> float:
    """Where it begins, or with `end` where it ends. ValueError, as the end of a sentence."""
    given = day(text, now, zone)
    if given:
        return given[end]
    if _TIME.fullmatch(text):
        hour, minute = map(int, text.split(":"))
        if hour < 24 and minute < 60:
            return _at(datetime.fromtimestamp(now, zone).date(), time(hour, minute), zone)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day or time, such as friday, yesterday, 2026-11-27 or 17:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()


def _at(day: date, at: time, zone: ZoneInfo) -> float:
    return datetime.combine(day, at, zone).timestamp()
