"""How and when somebody is told: what a rule, a recipient or a setting says of it. Values; pure."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from shared.rules.digest import Digest
from shared.rules.hours import Hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """None: nothing is said."""

    language: str | None = None
    timezone: str | None = None
    """An IANA name."""
    digest: Digest | None = None
    hours: Hours | None = None
    deputy: str | None = None
    """The e-mail address of who is told instead."""
    deputy_until: date | None = None
    """The last day on which the deputy is told, by this person's clock."""
    not_taken: time | None = None
    """When this person is told each day, by their clock, which uploads no rule took."""

    def or_else(self, other: "Telling") -> "Telling":
        """Where this says nothing, what the other says."""
        said = {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}
        return replace(other, **said)


def deputy_of(address: str, telling: Telling, now: float) -> str:
    """Who is told what is meant for `address`: the deputy until the end of their last day, by the address's own
    clock. `telling` names a time zone.
    """
    if telling.deputy is None or telling.deputy_until is None:
        return address
    today = datetime.fromtimestamp(now, ZoneInfo(telling.timezone or "UTC")).date()
    return telling.deputy if today <= telling.deputy_until else address
