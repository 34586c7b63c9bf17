"""Who is told of problems, and when they work."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from shared.process.settings import SettingsGroup
from shared.rules.hours import DAYS, Hours
from shared.smtp.mailbox import mailbox
from shared.text.languages import known_timezone

GROUPS, ADDRESSES = ";", ","
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_WEEKLY = re.compile(r"([A-Za-z]+) ([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Weekly:
    """A day of the week and a time of day."""

    day: int
    """Monday is 0."""
    at: time

    @classmethod
    def parse(cls, written: object) -> "Weekly":
        """ValueError says what it may be."""
        if isinstance(written, Weekly):
            return written
        found = _WEEKLY.fullmatch(" ".join(str(written).split()))
        day = found[1].capitalize()[:3] if found else ""
        if found is None or day not in DAYS:
            raise ValueError(f'"{written}" is no day and time such as "monday 08:00"')
        return cls(DAYS.index(day), time(int(found[2]), int(found[3])))

    def last(self, now: float, zone: ZoneInfo) -> datetime:
        """The last moment, up to now, at which it was that day and time there."""
        local = datetime.fromtimestamp(now, zone)
        day = local.date() - timedelta(days=(local.weekday() - self.day) % 7)
        found = datetime.combine(day, self.at, zone)
        earlier = datetime.combine(day - timedelta(days=7), self.at, zone)
        return found if found.timestamp() <= now else earlier


def groups_of(text: str) -> tuple[tuple[str, ...], ...]:
    """The addresses of each group. One that is named twice is told once. ValueError shows no URL."""
    found: list[tuple[str, ...]] = []
    named: set[str] = set()
    for group in text.split(GROUPS):
        addresses = [address for part in group.split(ADDRESSES) if (address := part.strip())]
        for place, address in enumerate(addresses, start=1):
            _check(address, f"address {place} of group {len(found) + 1}")
        new = [address for address in dict.fromkeys(addresses) if address not in named]
        named.update(new)
        if new:
            found.append(tuple(new))
    return tuple(found)


def _check(address: str, called: str) -> None:
    """What is neither may be a piece of a URL, and so of a secret: it is not shown."""
    if _URL.fullmatch(address):
        return
    try:
        mailbox(address)
    except ValueError:
        escaping = "in a URL a comma is written as %2C, a semicolon as %3B and a space as %20"
        raise ValueError(f"{called} is neither an e-mail address nor a URL ({escaping})") from None


def _readable(value: SecretStr) -> SecretStr:
    groups_of(value.get_secret_value())
    return value


class Operators(SettingsGroup):
    operator: Annotated[
        SecretStr,
        AfterValidator(_readable),
        Field(
            description="who is told of problems: e-mail addresses and URLs of Apprise, comma-separated. Behind a "
            "`;` stands who is told next if nobody acknowledges the problem within four office hours; empty: nobody"
        ),
    ] = SecretStr("")
    operator_hours: Annotated[
        Hours | None,
        BeforeValidator(Hours.parse),
        Field(description="the operators' office hours, such as `Mon-Fri 08:00-18:00`; empty: all hours are"),
    ] = None
    operator_timezone: Annotated[
        str,
        AfterValidator(known_timezone),
        Field(description="the time zone of OPERATOR_HOURS, OPERATOR_WEEKLY and of the times in these messages"),
    ] = "UTC"
    operator_weekly: Annotated[
        Weekly | None,
        BeforeValidator(Weekly.parse),
        Field(
            description="when the operators are told each week whether anything was lost, such as `monday 08:00`; "
            "empty: never"
        ),
    ] = None

    @property
    def operators(self) -> tuple[tuple[str, ...], ...]:
        """The addresses, by group. They are secrets."""
        return groups_of(self.operator.get_secret_value())

    @property
    def operator_zone(self) -> ZoneInfo:
        return ZoneInfo(self.operator_timezone)
