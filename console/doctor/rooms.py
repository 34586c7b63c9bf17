"""Each rule's rooms and destination: are they there, what are they called, may the service user move out and in?

A portal lets a room's manager move other people's files out of it, and a manager or content creator move files in.
"""

from collections.abc import Iterator
from typing import Protocol

from console.doctor.line import Area, Line
from shared.docspace.errors import ForbiddenError, NotFoundError
from shared.docspace.model import FolderInfo
from shared.errors import IntakeError
from shared.events import EntryId
from shared.rules.ids import entry_id
from shared.rules.model import Rule, RuleSet

AREA = Area("rooms")
ID_IN_ADDRESS = "it is the number in the address in the browser (CLIENT_ROOM_ID, INCOMING_FOLDER_ID, RULES_FILE)"
ROOM = 1
"""The room's place on a path: right below the section."""


class Portal(Protocol):
    def folder(self, folder_id: EntryId, /) -> FolderInfo: ...
    def folder_path(self, folder_id: EntryId, /) -> tuple[FolderInfo, ...]: ...


def check(portal: Portal, rules: RuleSet) -> Iterator[Line]:
    for rule in rules.enabled:
        for room in rule.rooms:
            try:
                yield _source(portal, rule, entry_id(room))
            except IntakeError as error:
                yield _trouble(f"room {room} of rule {rule.name}", error)
        try:
            yield _destination(portal, rule)
        except IntakeError as error:
            yield _trouble(f"folder {rule.destination}, the destination of rule {rule.name},", error)


def _source(portal: Portal, rule: Rule, folder_id: EntryId) -> Line:
    folder = portal.folder(folder_id)
    room = folder
    if folder.room_type is None:  # a rule may name a folder in a room: who may move is the room's to say
        path = portal.folder_path(folder_id)
        room = portal.folder(path[ROOM].id) if len(path) > ROOM else folder
    label = f'room {folder_id} "{folder.title}" of rule {rule.name}'
    mend = f'make the service user room manager in "{room.title}"'
    if room.can_manage is None:
        return AREA.warning(
            f"{label}: the portal does not tell whether we may move files out", f"see to it: {mend}"
        )
    if not room.can_manage:
        return AREA.failed(f"{label}: the service user may not move other people's files out of it", mend)
    return AREA.ok(f"{label}: files may be moved out")


def _destination(portal: Portal, rule: Rule) -> Line:
    folder = portal.folder(rule.destination)
    label = f'folder {rule.destination} "{folder.title}", the destination of rule {rule.name}'
    if folder.can_create is False or folder.can_move_to is False:
        mend = "make the service user room manager or content creator there"
        return AREA.failed(f"{label}: the service user may not move files into it", mend)
    return AREA.ok(f"{label}: files may be moved in")


def _trouble(label: str, error: IntakeError) -> Line:
    match error:
        case NotFoundError():
            return AREA.failed(f"{label} does not exist on the portal", f"correct the id: {ID_IN_ADDRESS}")
        case ForbiddenError():
            mend = "invite the service user to that room, as room manager"
            return AREA.failed(f"{label} is hidden from the service user", mend)
        case _:
            return AREA.failed(f"{label} cannot be looked at: {error}", "see whether the portal is up")
