"""How and when somebody is told: what a rule, a recipient or a setting says of it. Values; pure."""

from dataclasses import dataclass, fields, replace
from datetime import date

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

    def or_else(self, other: "Telling") -> "Telling":
        """Where this says nothing, what the other says."""
        said = {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}
        return replace(other, **said)
