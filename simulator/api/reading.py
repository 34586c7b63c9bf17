"""Whether somebody may read an entry, and what the portal remembers in the entry of having asked. Pure.

The portal keeps a member's share in the entry, and takes it for whoever it asks about next: so an event of a room
comes to a webhook whose owner cannot open it, if an earlier webhook's owner is a member. Its owner and an
administrator are let in before any share is looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.portal.model import Folder, Id, JsonObject, Role
from simulator.portal.rights import Rights
from simulator.portal.tree import Tree

RESTRICTED = 3
SHARES = {Role.MANAGER: 9, Role.EDITOR: 10, Role.CREATOR: 11, Role.VIEWER: 2}
ROOM_ENTRY = 1


@dataclass(frozen=True)
class Reading:
    readable: bool
    access: int | None = None
    """What the entry says of it afterwards; None where nothing was looked up."""
    share: JsonObject | None = None


Reader = Callable[[str], Reading]
"""Of a user id."""


def reading(tree: Tree, rights: Rights, user_id: str, folder: Folder, parent_id: Id | None) -> Reading:
    """`folder` is what the entry is or lies in, `parent_id` what the entry calls its parent."""
    room, role = tree.room(folder.id), rights.role(user_id, folder)
    if room is None:
        return Reading(role is not None)
    if role is None:
        return Reading(readable=False, access=RESTRICTED)
    if role not in SHARES:
        return Reading(readable=True)
    share = {
        "tenantId": 1, "entryId": room.id, "entryType": ROOM_ENTRY, "subject": user_id, "owner": room.created_by,
        "share": SHARES[role], "parentId": parent_id, "level": len(tree.path(folder.id)) - len(tree.path(room.id)),
    }  # fmt: skip
    return Reading(readable=True, access=SHARES[role], share=share)


class Memory:
    """Of one event: what the entry remembers while one owner after the other is asked about."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._last = Reading(readable=False)

    def may_read(self, user_id: str) -> bool:
        own = self._read(user_id)
        if own.access is None:
            return own.readable
        if self._last.share is None:
            self._last = own
        return self._last.readable

    def told(self) -> JsonObject:
        """The members of the payload that tell of it."""
        return {"shareRecord": self._last.share, "access": self._last.access}
