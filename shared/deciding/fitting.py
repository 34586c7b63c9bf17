"""Which of the portal's rooms fit a rule by their name or tag, be they of a path or of the list of rooms. Pure."""

from collections.abc import Iterable

from shared.docspace.model import FolderInfo
from shared.rules.ids import id_text
from shared.rules.model import Rule, RuleSet
from shared.rules.place import Folder


def as_ruled(folder: FolderInfo) -> Folder:
    """What the rules look at."""
    return Folder(folder.id, folder.title, folder.is_room, folder.tags)


def rooms_of(rule: Rule, rooms: Iterable[FolderInfo]) -> tuple[FolderInfo, ...]:
    """Those that the rule does not name by their id, and that fit it."""
    return tuple(
        room for room in rooms if id_text(room.id) not in rule.rooms and rule.fitting(as_ruled(room)) is not None
    )


def with_fitting(rules: RuleSet, rooms: Iterable[FolderInfo]) -> RuleSet:
    """The same rules, each with the ids of the rooms that fit it among its `rooms`."""
    there = tuple(rooms)
    return rules.model_copy(update={"rules": tuple(_with_fitting(rule, there) for rule in rules.rules)})


def _with_fitting(rule: Rule, rooms: tuple[FolderInfo, ...]) -> Rule:
    found = tuple(id_text(room.id) for room in rooms_of(rule, rooms))
    return rule.model_copy(update={"rooms": rule.rooms + found}) if found else rule
