"""An action that a person asked for, and one of its items. Values only."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.store.audit.store import Person


class State(StrEnum):
    WAITING = "waiting"
    """For a process that goes on with it."""
    RUNNING = "running"
    """A process holds it; where its lease is over, that process was killed, and the next one goes on."""
    STOPPED = "stopped"
    """By a person. It goes on when it is resumed."""
    DONE = "done"
    """Each of its items was done, or failed for good."""


class ItemState(StrEnum):
    PENDING = "pending"
    BEGUN = "begun"
    """It may have been done: whoever goes on does it again, so doing it twice must be harmless."""
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Item:
    place: int
    """From 1, in the order in which they are done."""
    key: str
    """Names what it is about, as the verb calls it."""
    state: ItemState = ItemState.PENDING
    why: str | None = None
    """Of one that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    id: str
    verb: str
    filter: dict[str, Any]
    """Which, and what else the verb needs: a reason, a destination, an end."""
    count: int
    """As the person saw it who asked."""
    asked_by: Person
    asked_at: float
    """Seconds since the epoch."""
    state: State
    done: int
    failed: int
    place: int
    """Of the last item that was begun; 0 before the first."""
    fault: str | None
    """Why it does not go on."""
    holder: str | None
    ended_at: float | None
