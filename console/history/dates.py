"""Moments as people write and read them, in their zone: `friday`, `yesterday`, `2026-11-27`, `17:00`, `2h`.

`zone` is None for the zone of this computer, in which a command's user lives.
"""

import re
from datetime import date, datetime, timedelta, tzinfo
from datetime import time as time_of_day

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NEAR = {"today": 0, "yesterday": 1}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_AGO = re.compile(r"(\d{1,5})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_YEARS = range(1971, 9_999)
"""Of which every zone can tell the seconds."""


def begin(text: str, now: float, zone: tzinfo | None = None) -> float:
    """Where the time that `text` names begins, in seconds since the epoch. ValueError says what it may be.

    A time of day alone is the last one that was.
    """
    found = _AGO.fullmatch(text.strip())
    if found:
        return now - int(found[1]) * _UNITS[found[2]]
    day, of_day = _read(text, now, zone)
    if of_day is None:
        return _midnight(day, zone)
    at = min(_both(day, of_day, zone))
    return min(_both(day - timedelta(days=1), of_day, zone)) if at > now and _alone(text) else at


def end(text: str, now: float, zone: tzinfo | None = None) -> float:
    """Where it ends: of a day, the midnight after it. ValueError as above."""
    if _AGO.fullmatch(text.strip()):
        return begin(text, now, zone)
    day, of_day = _read(text, now, zone)
    return _midnight(day + timedelta(days=1), zone) if of_day is None else max(_both(day, of_day, zone))


def named_day(word: str) -> bool:
    """Whether a word of a search is a day: written out, since `sun` may be part of a title."""
    return word.casefold() in {*WEEKDAYS, *_NEAR} or _DATE.fullmatch(word) is not None


def moment(at: float, zone: tzinfo | None = None) -> str:
    """`2026-11-27 14:02:05`: how a time is written wherever it stands alone."""
    return f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M:%S}"


def clock(at: float, now: float, zone: tzinfo | None = None) -> str:
    """Within a sentence: `14:02` of today, else `2026-11-27 14:02`."""
    told, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    return f"{told:%H:%M}" if told.date() == today.date() else f"{told:%Y-%m-%d %H:%M}"


def zone_name(now: float, zone: tzinfo | None = None) -> str:
    """`CET (UTC+01:00)`."""
    told = datetime.fromtimestamp(now, zone)
    told = told.astimezone() if zone is None else told
    name, offset = told.tzname() or "", f"UTC{told:%z}"
    offset = f"{offset[:6]}:{offset[6:8]}"
    return f"{name} ({offset})" if name.isalpha() and name != "UTC" else name if name == "UTC" else offset


def _read(text: str, now: float, zone: tzinfo | None) -> tuple[date, time_of_day | None]:
    """A day and a time of day; the time may be missing, the day is today's then."""
    today = datetime.fromtimestamp(now, zone).date()
    words = text.strip().casefold().replace("t", " ") if _DATE.match(text.strip()) else text.strip().casefold()
    day: date | None = None
    of_day: time_of_day | None = None
    for place, word in enumerate(words.split()):
        found = _TIME.fullmatch(word)
        if found and of_day is None:
            of_day = time_of_day(int(found[1]), int(found[2]))
        elif place == 0 and (day := _day(word, today)) is not None:
            continue
        else:
            raise ValueError(_wrong(text))
    if day is None and of_day is None:
        raise ValueError(_wrong(text))
    return day or today, of_day


def _day(word: str, today: date) -> date | None:
    if word in _NEAR:
        return today - timedelta(days=_NEAR[word])
    for place, name in enumerate(WEEKDAYS):
        if word in {name, name[:3]}:
            return today - timedelta(days=(today.weekday() - place) % 7)
    try:
        found = date.fromisoformat(word) if _DATE.fullmatch(word) else None
    except ValueError:
        return None
    return found if found is not None and found.year in _YEARS else None


def _wrong(text: str) -> str:
    return f"{text!r} is no time: friday, yesterday, 2026-11-27, 17:00, 'friday 17:00' and 2h are some"


def _alone(text: str) -> bool:
    return _TIME.fullmatch(text.strip()) is not None


def _midnight(day: date, zone: tzinfo | None) -> float:
    """The first moment of the day, also where the clock is changed at midnight."""
    return datetime.combine(day, time_of_day(), zone).timestamp()


def _both(day: date, of_day: time_of_day, zone: tzinfo | None) -> tuple[float, float]:
    """When the clock is changed, a time of day comes twice or not at all: from the one on, or up to the other,
    nothing is left out.
    """
    told = datetime.combine(day, of_day, zone)
    return told.timestamp(), told.replace(fold=1).timestamp()
