"""In which language and by which clock a person is told."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency, format_decimal

from shared.announcing.phrases import phrases
from shared.text.outside import one_line

LONGEST_ABBREVIATION = 4
"""Of a zone's name, such as CEST. Longer ones are not known to every reader."""

LOCALES = {"en": "en_GB"}
"""By language, where its name is not the locale's: a day before its month, and a clock of 24 hours."""


@dataclass(frozen=True, slots=True)
class Voice:
    language: str = "en"
    timezone: str = "UTC"
    """An IANA name."""

    @property
    def say(self) -> Callable[[str], str]:
        """An English phrase in this language."""
        return phrases(self.language)

    def moment(self, iso: str | None) -> str:
        """Such as `24 November 2026, 19:19 CET`; what is no ISO 8601 time is shown as it came."""
        if not iso:
            return ""
        try:
            at = datetime.fromisoformat(iso)
            at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZoneInfo(self.timezone))
        except (ValueError, OverflowError):
            return one_line(iso)
        locale = _locale(self.language)
        day, clock = format_date(at, "long", locale=locale), format_time(at, "short", locale=locale)
        return (
            str(locale.datetime_formats["long"]).format(f"{clock} {self._zone(at, locale)}", day).replace("'", "")
        )

    def day(self, iso: str) -> str:
        """Such as `30 November 2026`; what is no ISO 8601 day is shown as it came."""
        try:
            return format_date(date.fromisoformat(iso), "long", locale=_locale(self.language))
        except ValueError:
            return one_line(iso)

    def amount(self, value: str, currency: str | None) -> str:
        """Such as `€1,190.00`; what is no decimal is shown as it came."""
        try:
            number = Decimal(value)
            locale = _locale(self.language)
            if currency is None:
                return format_decimal(number, format="#,##0.00", locale=locale)
            return format_currency(number, currency, locale=locale)
        except (InvalidOperation, ValueError):
            return one_line(value)

    def _zone(self, at: datetime, locale: Locale) -> str:
        """As people there call it. It tells two hours apart that have one name when the clock is set back."""
        if self.timezone == "UTC":
            return "UTC"
        name = get_timezone_name(at, width="short", locale=locale)
        return name if name.isalpha() and len(name) <= LONGEST_ABBREVIATION else _offset(at)


def _offset(at: datetime) -> str:
    """Such as `UTC+5:30`."""
    offset = at.utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < timedelta() else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


@functools.cache
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES.get(language, language))
