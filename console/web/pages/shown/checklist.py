"""The checklist of a new installation, which fills itself by what is seen. Pure; the words are the template's."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Item(StrEnum):
    """In the order in which a person comes to them."""

    RULES = "rules"
    """Which uploads are invoices is said."""
    WORKERS = "workers"
    HISTORY = "history"
    EVENT = "event"
    """The portal's webhook brought something."""
    RECONCILER = "reconciler"
    FILED = "filed"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Point:
    item: Item
    done: bool | None
    """None: it could not be looked at."""
    why: str = ""
    """What was seen, or why nothing was."""


@dataclass(frozen=True, slots=True)
class Checklist:
    points: tuple[Point, ...]

    @property
    def complete(self) -> bool:
        return all(point.done for point in self.points)

    @property
    def next(self) -> Point | None:
        """What a person does now: the first that is not done."""
        return next((point for point in self.points if not point.done), None)

    @property
    def done(self) -> int:
        return sum(point.done is True for point in self.points)


def checklist(seen: Mapping[Item, tuple[bool | None, str]]) -> Checklist:
    """`seen` by item; what is missing in it could not be looked at."""
    return Checklist(tuple(Point(item, *seen.get(item, (None, ""))) for item in Item))
