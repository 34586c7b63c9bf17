"""Can the portal name the managers of the rooms whose managers a rule tells?"""

import contextlib
from collections.abc import Iterator
from typing import Protocol

from console.doctor.line import Area, Line
from console.doctor.rooms import ROOM
from shared.deciding.managers import Ask, Managers
from shared.docspace.errors import RefusedError, ScopeMissingError
from shared.docspace.model import FolderInfo
from shared.errors import IntakeError, TransientError
from shared.rules.ids import entry_id
from shared.rules.model import ROOM_MANAGERS, Rule, RuleSet
from shared.wire.events import EntryId

AREA = Area("rooms")


class Portal(Protocol):
    def folder_path(self, folder_id: EntryId, /) -> tuple[FolderInfo, ...]: ...
    def self_id(self) -> str: ...


def check(portal: Portal, ask: Ask, rules: RuleSet) -> Iterator[Line]:
    """Of rooms that a rule names by id. What is wrong with such a room itself, the area's other lines say."""
    wanted = [rule for rule in rules.enabled if ROOM_MANAGERS in rule.recipients]
    if not wanted:
        return
    service_user, managers = None, Managers(ask)
    with contextlib.suppress(IntakeError):
        service_user = portal.self_id()
    try:
        for rule in wanted:
            for room in rule.rooms:
                with contextlib.suppress(RefusedError):
                    yield _of_room(portal, managers, service_user, rule, entry_id(room))
    except ScopeMissingError:
        yield AREA.failed(
            f"rule {rule.name} tells the managers of the room, and this key may not read who they are",
            "give it rooms:read; until then they are not told",
            cause="key-lacks-permission",
        )
    except TransientError as error:
        yield AREA.failed(f"who manages them cannot be looked at: {error}", "see the portal above", cause="unseen")


def _of_room(portal: Portal, managers: Managers, service_user: str | None, rule: Rule, folder_id: EntryId) -> Line:
    label = f"room {folder_id} of rule {rule.name}"
    path = portal.folder_path(folder_id)  # a rule may name a folder in a room
    found = managers.addresses(path[ROOM].id if len(path) > ROOM else folder_id, service_user)
    if found:
        return AREA.ok(f"{label}: {', '.join(found)} will be told, as managers of the room")
    told = f"{label}: the portal names no manager with an e-mail address, but the service user"
    mend = "make somebody its manager, or name an address in the rule"
    if len(rule.recipients) > 1 or rule.notify:
        return AREA.warning(f"{told}; the others are told", mend, cause="no-managers")
    return AREA.failed(f"{told}, and nobody else is told", mend, cause="no-managers")
