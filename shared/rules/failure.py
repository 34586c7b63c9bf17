"""Why a rule did not match: the check that failed, what it saw, what it wanted, and one sentence of both."""

from dataclasses import dataclass
from enum import IntEnum

from shared.events import EntryId
from shared.rules.model import Rule
from shared.rules.titles import TitlePattern

HIDDEN = "a folder that the service user may not see"


class Check(IntEnum):
    """The checks, in the order in which they are made."""

    TRIGGER = 1
    KIND = 2
    OWN_DOING = 3
    ROOM = 4
    TITLE = 5


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, room or section on the path to an entry."""

    id: EntryId
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    rule: str
    check: Check
    seen: str
    wanted: str
    sentence: str


def trigger(rule: Rule, seen: str) -> Failure:
    wanted = ", ".join(rule.triggers)
    one_of = wanted if len(rule.triggers) == 1 else f"one of {wanted}"
    return _failure(rule, Check.TRIGGER, seen, one_of, f"trigger {seen} is not {one_of}")


def kind(rule: Rule) -> Failure:
    return _failure(rule, Check.KIND, "a folder", "a file", "the entry is a folder, not a file")


def own_doing(rule: Rule, seen: str, what_it_is: str) -> Failure:
    """`seen` is the user or the folder that shows it."""
    wanted = "an upload by someone else, outside the destination"
    return _failure(rule, Check.OWN_DOING, seen, wanted, f"{seen} is {what_it_is}")


def room(rule: Rule, folder: EntryId | None, path: tuple[Folder, ...] | None) -> Failure:
    """`path` is None where the service user may not see the folder."""
    if path is None:
        seen = HIDDEN
    else:
        place = " / ".join(step.title or str(step.id) for step in path)
        seen = f"folder {folder} ({place})" if place else f"folder {folder}"
    wanted = " or ".join(f"room {room_id}" for room_id in rule.rooms)
    return _failure(rule, Check.ROOM, seen, wanted, f"{seen} is not in {wanted}")


def title(rule: Rule, seen: str) -> Failure:
    wanted = " or ".join(_wish(pattern) for pattern in rule.titles)
    return _failure(rule, Check.TITLE, seen, wanted, f'title "{seen}" does not {wanted}')


def _wish(pattern: TitlePattern) -> str:
    return f'start with "{pattern}"' if pattern.kind == "prefix" else f'match "{pattern}"'


def _failure(rule: Rule, check: Check, seen: str, wanted: str, sentence: str) -> Failure:
    return Failure(
        rule=rule.name, check=check, seen=seen, wanted=wanted, sentence=f'rule "{rule.name}": {sentence}'
    )
