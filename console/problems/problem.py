"""What needs a person, and what could not be looked at. Values only."""

from dataclasses import dataclass, field

from console.doctor.line import Level


@dataclass(frozen=True, slots=True)
class Action:
    """What a person can have done about all of it at once: a verb of `console.actions`, and to which."""

    verb: str
    filter: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    cause: str
    """Stable: `AREA:WHAT`, such as `dead-letters:no-right` or `portal:key-expires`."""
    level: Level
    title: str
    """A sentence."""
    since: float | None = None
    """Seconds since the epoch."""
    count: int = 1
    """How many things or uploads it is about."""
    example: str = ""
    """One of them; short."""
    remedy: str
    """What a person does; a sentence, or commands."""
    action: Action | None = None
    effects: tuple[str, ...] = ()
    """Titles of what else is wrong because of it, and ends with it."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """What could not be looked at."""

    what: str
    """The area."""
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    problems: tuple[Problem, ...]
    """The worst first."""
    unknown: tuple[Unknown, ...] = ()
