"""The state of a piece of work in the ledger, as `claim` and `peek` return it. Values only."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Won:
    """The work is yours until the lease ends. `token` proves it."""

    token: str
    progress: str | None = None
    """What an earlier holder noted."""
    taken_over: bool = False
    """An earlier holder may have begun: its lease expired, or it noted progress. Look before you act."""


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody else holds the work, for at most `remaining_s` seconds. 0.0: only its message holds it."""

    remaining_s: float
    owner: str = ""
    progress: str | None = None
    message: str = ""
    """The id of the message that the work belongs to; empty if it is not known."""


@dataclass(frozen=True, slots=True)
class Done:
    result: str
    completed_at: float | None = field(default=None, compare=False)
    """Seconds since the epoch, by the database's clock. It does not count when two are compared."""


@dataclass(frozen=True, slots=True)
class Free:
    """The work is not done, and nobody holds a lease on it."""

    progress: str | None = None
    message: str = ""
    """The id of the message that will go on with the work. A claim for another message gets Held."""
    idle_s: float | None = field(default=None, compare=False)
    """Seconds since somebody held it last. None if nobody did, or if the first release gave it back."""
