"""Each rule's rooms and destination: are they there and in use, may the service user move files out and in?

A portal lets a room's manager move other people's files out of it, and a manager or content creator move files in;
into a room for filling out forms nobody may, whatever the rights say.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from console.doctor.line import Area, Level, Line
from shared.deciding.fitting import as_ruled, rooms_of
from shared.docspace.errors import (
    ForbiddenError,
    NotFoundError,
    PortalFaultError,
    ScopeMissingError,
    UnreachableError,
)
from shared.docspace.folders import FORMS_ALONE, takes_forms_alone, unusable
from shared.docspace.model import FolderInfo
from shared.errors import IntakeError
from shared.rules.ids import entry_id
from shared.rules.model import Rule, RuleSet
from shared.wire.events import EntryId

AREA = Area("rooms")
ID_IN_ADDRESS = "it is the number in the address in the browser (CLIENT_ROOM_ID, INCOMING_FOLDER_ID, RULES_FILE)"
OUTSIDE = "call or tag that room so that it fits no rule, or name a folder in another room"
SHOWN = 5
ROOM = 1
"""The room's place on a path: right below the section."""


class Portal(Protocol):
    def folder(self, folder_id: EntryId, /) -> FolderInfo: ...
    def folder_path(self, folder_id: EntryId, /) -> tuple[FolderInfo, ...]: ...


def check(
    portal: Portal, rules: RuleSet, every_room: Callable[[], Iterable[FolderInfo]] = lambda: ()
) -> Iterator[Line]:
    """Ends at what would be so for every folder. `every_room` lists the portal's, for rules by name or tag."""
    destination = functools.partial(_destination, rules=rules)
    try:
        for rule in rules.enabled:
            for room in rule.rooms:
                yield _told(f"room {room} of rule {rule.name}", _source, portal, rule, entry_id(room))
            label = f"folder {rule.destination}, the destination of rule {rule.name},"
            yield _told(label, destination, portal, rule, rule.destination)
        yield from _fitting(rules, every_room)
    except (PortalFaultError, ScopeMissingError, UnreachableError) as error:
        yield AREA.failed(f"cannot be looked at: {error}", "see the portal above")


def _told(
    label: str, look: Callable[[Portal, Rule, EntryId], Line], portal: Portal, rule: Rule, folder_id: EntryId
) -> Line:
    try:
        return look(portal, rule, folder_id)
    except NotFoundError:
        return AREA.failed(f"{label} does not exist on the portal", f"correct the id: {ID_IN_ADDRESS}")
    except ForbiddenError:
        return AREA.failed(
            f"{label} is hidden from the service user: it is no member of that room, or it is in a trash",
            "invite the service user to that room, as room manager; or restore it",
        )
    except (PortalFaultError, ScopeMissingError, UnreachableError):
        raise
    except IntakeError as error:
        return AREA.failed(f"{label} cannot be looked at: {error}", "see whether the portal is up")


def _source(portal: Portal, rule: Rule, folder_id: EntryId) -> Line:
    folder = portal.folder(folder_id)
    room = folder
    if folder.room_type is None:  # a rule may name a folder in a room: who may move is the room's to say
        path = portal.folder_path(folder_id)
        room = portal.folder(path[ROOM].id) if len(path) > ROOM else folder
    label = f'room {folder_id} "{folder.title}" of rule {rule.name}'
    if why := unusable(folder):
        return _with_mend(label, why)
    return _of_rights(label, room)


def _fitting(rules: RuleSet, every_room: Callable[[], Iterable[FolderInfo]]) -> Iterator[Line]:
    """Which rooms fit by name or tag. Those with the rights are named in one line, each other in its own."""
    if not rules.by_room_tests:
        return
    try:
        rooms = tuple(every_room())
    except (ForbiddenError, ScopeMissingError):
        told = "which rooms fit a rule by their name or tag cannot be told: this key may not list rooms"
        yield AREA.failed(told, "give it rooms:read; until then no sweep looks into these rooms either")
        return
    for rule in (rule for rule in rules.enabled if rule.room_tests):
        yield from _fitting_rule(rule, rooms_of(rule, rooms))


def _fitting_rule(rule: Rule, rooms: Sequence[FolderInfo]) -> Iterator[Line]:
    if not rooms:
        tests = " or ".join(map(str, rule.room_tests))
        mend = "invite the service user to such a room, as room manager, or correct the rule"
        yield AREA.warning(f"no room that the service user sees fits rule {rule.name} ({tests})", mend)
        return
    good = []
    for room in rooms:
        test = rule.fitting(as_ruled(room))
        label = f'room {room.id} "{room.title}", which fits rule {rule.name} {test.by if test else ""}'
        line = _of_rights(label, room)
        if line.level is Level.OK:
            good.append(f'"{room.title}" ({room.id})')
        else:
            yield line
    if good:
        more = f" and {len(good) - SHOWN} more" if len(good) > SHOWN else ""
        told = f"{len(good)} rooms fit rule {rule.name} by name or tag, and files may be moved out: "
        yield AREA.ok(told + ", ".join(good[:SHOWN]) + more)


def _of_rights(label: str, room: FolderInfo) -> Line:
    mend = f'make the service user room manager in "{room.title}"'
    if room.can_manage is None:
        return AREA.warning(
            f"{label}: the portal does not tell whether we may move files out", f"see to it: {mend}"
        )
    if not room.can_manage and room.in_room is False:
        return AREA.failed(
            f"{label}: the service user is an administrator who is not in the room: it may read there, not move",
            f"{mend}: being an administrator does not replace it",
        )
    if not room.can_manage:
        return AREA.failed(f"{label}: the service user may not move other people's files out of it", mend)
    return AREA.ok(f"{label}: files may be moved out")


def _destination(portal: Portal, rule: Rule, folder_id: EntryId, *, rules: RuleSet) -> Line:
    folder = portal.folder(folder_id)
    label = f'folder {folder_id} "{folder.title}", the destination of rule {rule.name}'
    why = unusable(folder)
    path: tuple[FolderInfo, ...] = ()
    if why is None:
        path = portal.folder_path(folder_id)
        why = FORMS_ALONE if takes_forms_alone(path) else None
    if why:
        return _with_mend(label, why)
    if folder.can_create is False or folder.can_move_to is False:
        mend = "make the service user room manager or content creator there"
        return AREA.failed(f"{label}: the service user may not move files into it", mend)
    for room in (step for step in path if step.is_room):
        if taker := next((other for other in rules.enabled if other.fitting(as_ruled(room))), None):
            told = f'{label}, lies in room {room.id} "{room.title}", which fits rule {taker.name}'
            return AREA.warning(f"{told}: what is uploaded beside it there is filed too", OUTSIDE)
    return AREA.ok(f"{label}: files may be moved in")


def _with_mend(label: str, why: str) -> Line:
    """`why` as `shared.docspace.folders` spells it: what it is, and after a colon what a person can do."""
    what, _, mend = why.partition(": ")
    return AREA.failed(f"{label} {what}", mend)
