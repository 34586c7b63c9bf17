"""A person of the web console, and what each role may do. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """In rising order: each may do what those before it may."""

    VIEWER = "viewer"
    """Sees everything, and changes nothing."""
    OPERATOR = "operator"
    """Acts on uploads: retries, puts away, pauses."""
    ADMIN = "admin"
    """Changes rules, and who gets in."""

    def may(self, needed: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    name: str
    role: Role
    language: str | None = None
    """None: as the browser asks."""
    zone: str | None = None
    """Of the time-zone database, `Europe/Berlin`; None: the console's own."""
    theme: str | None = None
    """`light` or `dark`; None: as the browser asks."""
