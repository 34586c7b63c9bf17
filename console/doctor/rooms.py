"""Each rule's rooms and destination: are they there and in use, may the service user move files out and in?

A portal lets a room's manager move other people's files out of it, and a manager or content creator move files in;
into a room for filling out forms nobody may, whatever the rights say.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from console.doctor.line import Area, Line
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
ROOM = 1
"""The room's place on a path: right below the section."""


class Portal(Protocol):
    def folder(self, folder_id: EntryId, /) -> FolderInfo: ...
    def folder_path(self, folder_id: EntryId, /) -> tuple[FolderInfo, ...]: ...


def check(portal: Portal, rules: RuleSet) -> Iterator[Line]:
    """Ends at what would be so for every folder."""
    try:
        for rule in rules.enabled:
            for room in rule.rooms:
                yield _told(f"room {room} of rule {rule.name}", _source, portal, rule, entry_id(room))
            label = f"folder {rule.destination}, the destination of rule {rule.name},"
            yield _told(label, _destination, portal, rule, rule.destination)
    except (PortalFaultError, ScopeMissingError, UnreachableError) as error:
        yield AREA.failed(f"cannot be looked at: {error}", "see the portal above", cause="unseen")


def _told(
    label: str, look: Callable[[Portal, Rule, EntryId], Line], portal: Portal, rule: Rule, folder_id: EntryId
) -> Line:
    try:
        return look(portal, rule, folder_id)
    except NotFoundError:
        return AREA.failed(
            f"{label} does not exist on the portal", f"correct the id: {ID_IN_ADDRESS}", cause="missing"
        )
    except ForbiddenError:
        return AREA.failed(
            f"{label} is hidden from the service user: it is no member of that room, or it is in a trash",
            "invite the service user to that room, as room manager; or restore it",
            cause="hidden",
        )
    except (PortalFaultError, ScopeMissingError, UnreachableError):
        raise
    except IntakeError as error:
        return AREA.failed(f"{label} cannot be looked at: {error}", "see whether the portal is up", cause="unseen")


def _source(portal: Portal, rule: Rule, folder_id: EntryId) -> Line:
    folder = portal.folder(folder_id)
    room = folder
    if folder.room_type is None:  # a rule may name a folder in a room: who may move is the room's to say
        path = portal.folder_path(folder_id)
        room = portal.folder(path[ROOM].id) if len(path) > ROOM else folder
    label = f'room {folder_id} "{folder.title}" of rule {rule.name}'
    if why := unusable(folder):
        return _with_mend(label, why)
    mend = f'make the service user room manager in "{room.title}"'
    if room.can_manage is None:
        return AREA.warning(
            f"{label}: the portal does not tell whether we may move files out",
            f"see to it: {mend}",
            cause="unseen-right",
        )
    if not room.can_manage and room.in_room is False:
        return AREA.failed(
            f"{label}: the service user is an administrator who is not in the room: it may read there, not move",
            f"{mend}: being an administrator does not replace it",
            cause="no-right",
        )
    if not room.can_manage:
        return AREA.failed(
            f"{label}: the service user may not move other people's files out of it", mend, cause="no-right"
        )
    return AREA.ok(f"{label}: files may be moved out")


def _destination(portal: Portal, rule: Rule, folder_id: EntryId) -> Line:
    folder = portal.folder(folder_id)
    label = f'folder {folder_id} "{folder.title}", the destination of rule {rule.name}'
    why = unusable(folder)
    if why is None and takes_forms_alone(portal.folder_path(folder_id)):
        why = FORMS_ALONE
    if why:
        return _with_mend(label, why)
    if folder.can_create is False or folder.can_move_to is False:
        mend = "make the service user room manager or content creator there"
        return AREA.failed(f"{label}: the service user may not move files into it", mend, cause="no-right")
    return AREA.ok(f"{label}: files may be moved in")


def _with_mend(label: str, why: str) -> Line:
    """`why` as `shared.docspace.folders` spells it: what it is, and after a colon what a person can do."""
    what, _, mend = why.partition(": ")
    return AREA.failed(f"{label} {what}", mend, cause="unusable")
