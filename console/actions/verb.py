"""What an action can do: to which items, in which words, and how. Each verb is one small class."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from console.actions.site import Site
from console.actions.work import Work
from shared.amqp.operator.dead_letters import Told
from shared.errors import PermanentError
from shared.store.actions.action import Action
from shared.text.outside import NAME_BYTES, REASON_BYTES, cut

Filter = Mapping[str, Any]
"""Which, and what else the verb needs. JSON, so that it can stand in an address, a form and a row."""


class BadFilterError(PermanentError):
    """What was asked for cannot be done; a sentence for who asked."""


@dataclass(frozen=True, slots=True)
class Sentences:
    will: str
    """What will happen."""
    not_twice: str
    """What will not happen twice, though it is done again."""


class Verb(Protocol):
    name: str

    def keys(self, site: Site, filter_: Filter) -> list[str]:
        """Of the items that fit, in the order in which they would be done.

        BadFilterError, or TransientError where they cannot be counted.
        """

    def sentences(self, filter_: Filter, count: int) -> Sentences: ...

    def run(self, site: Site, action: Action, work: Work) -> None:
        """Do what is left of it; returns early where `work` says so.

        TransientError where it cannot go on now. Doing an item again that was begun must be harmless.
        """


def how_many(count: int, one: str) -> str:
    return f"1 {one}" if count == 1 else f"{count} {one}s"


def wanted(filter_: Filter, name: str, what: str) -> str:
    """BadFilterError where it is missing."""
    value = filter_.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadFilterError(f"say {what}")
    return value.strip()


def ids_of(filter_: Filter) -> list[str]:
    found = filter_.get("ids") or []
    if not isinstance(found, list | tuple) or not all(isinstance(each, str) for each in found):
        raise BadFilterError("ids is a list of texts")
    return list(dict.fromkeys(found))


def told(action: Action, at: float) -> Told:
    """What stands on the timeline of each of its uploads."""
    return Told(by_of(action), why_of(action), at)


def by_of(action: Action) -> str:
    """Short enough for a header, as the next."""
    return cut(str(action.asked_by), NAME_BYTES)


def why_of(action: Action) -> str:
    """As they wrote it; empty where they wrote nothing."""
    return cut(str(action.filter.get("why") or ""), REASON_BYTES)
