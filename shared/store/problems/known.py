"""A problem as it is known over time, and what was done about it. Values only; times in seconds since the epoch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one look found."""

    family: str
    """Causes that are told as one problem have one family."""
    cause: str
    found_by: str
    """The check."""
    level: str
    title: str
    remedy: str
    example: str = ""
    count: int = 1
    effects: tuple[str, ...] = ()
    """Titles."""
    since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Seen):
    id: str
    first_seen_at: float
    last_seen_at: float
    started_at: float | None
    """It had lasted long enough to be told of."""
    gone_since: float | None
    """Looks find it no more since then."""
    ended_at: float | None
    closed_at: float | None
    """Nobody is to hear of it any more."""
    acknowledged_by: str | None
    acknowledged_at: float | None

    @property
    def began_at(self) -> float:
        return min(self.first_seen_at, self.first_seen_at if self.since is None else self.since)


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was told something of it."""

    problem: str
    """Its id."""
    what: str
    channel: str
    at: float


@dataclass(frozen=True, slots=True)
class Silence:
    family: str
    who: str
    why: str
    at: float
    until: float


@dataclass(frozen=True, slots=True)
class Failing:
    """A channel that took nothing, the last time."""

    channel: str
    tries: int
    fault: str
    next_at: float
