"""In which language and by which clock a person is told."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name

from notifier.phrases import phrases
from shared.rules.model import RuleSet
from shared.text.outside import one_line
from shared.wire.events import InvoiceFiled

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

    def _zone(self, at: datetime, locale: Locale) -> str:
        """As people there call it. It tells two hours apart that have one name when the clock is set back."""
        if self.timezone == "UTC":
            return "UTC"
        name = get_timezone_name(at, width="short", locale=locale)
        return name if name.isalpha() and len(name) <= LONGEST_ABBREVIATION else _offset(at)


Voices = Callable[[InvoiceFiled, str], Voice]
"""How an invoice is told to an address, or on a channel that is none."""


def voices_of(rules: RuleSet, default: Voice) -> Voices:
    """As the recipient says, else as the rule does, and else the default. A rule that is not in `rules` says
    nothing.
    """

    def voice(invoice: InvoiceFiled, address: str) -> Voice:
        said = rules.telling(invoice.rule, address)
        return Voice(said.language or default.language, said.timezone or default.timezone)

    return voice


def _offset(at: datetime) -> str:
    """Such as `UTC+5:30`."""
    offset = at.utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < timedelta() else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


@functools.cache
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES.get(language, language))
