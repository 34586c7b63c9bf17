"""How a piece of work stands in the ledger: what a claim or a look is told. Values only."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Won:
    """The work is yours until the lease ends; `token` proves it."""

    token: str
    progress: str | None = None
    """What an earlier holder noted."""
    taken_over: bool = False
    """An earlier holder may have begun: its lease ran out, or it gave back with progress. Look before you act."""


@dataclass(frozen=True, slots=True)
class Held:
    """Another holds it, for `remaining_s` seconds at most; 0.0 where only its message holds it."""

    remaining_s: float
    owner: str = ""
    progress: str | None = None
    message: str = ""
    """The id of the message that the work belongs to; "" where that is not known."""


@dataclass(frozen=True, slots=True)
class Done:
    result: str
    completed_at: float | None = field(default=None, compare=False)
    """Seconds since the epoch, by the database's clock. Two with the same result are equal."""


@dataclass(frozen=True, slots=True)
class Free:
    """It is not done, and nobody holds a lease on it."""

    progress: str | None = None
    message: str = ""
    """The id of the message that will go on with it: a claim for another message is told Held."""
    idle_s: float | None = field(default=None, compare=False)
    """Since somebody held it last; None where nobody did, or a program of the first release gave it back."""
