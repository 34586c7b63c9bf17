"""How a piece of work stands in the ledger: what a claim or a look is told. Values only."""

from dataclasses import dataclass


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
    """Another holds it, for `remaining_s` seconds at most."""

    remaining_s: float
    owner: str = ""
    progress: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    result: str


@dataclass(frozen=True, slots=True)
class Free:
    """Nobody holds it, and it is not done."""

    progress: str | None = None
