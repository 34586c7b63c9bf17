"""Whether a user may read an entry, and a flaw of the portal: what it found for one user counts for the next. Pure.

The portal stores a member's share in the entry, and uses it for the next user that it checks. So if the owner of an
earlier webhook is a member of the room, a later webhook gets the event too, even if its owner cannot open the room.
The room's owner and administrators may read without a share.
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
    """What the entry stores after the check; None if no share was looked up."""
    share: JsonObject | None = None


Reader = Callable[[str], Reading]
"""Takes a user id."""


def reading(tree: Tree, rights: Rights, user_id: str, folder: Folder, parent_id: Id | None) -> Reading:
    """`folder` is the entry itself or the folder of the file. `parent_id` is the parent that the entry names."""
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
    """What the entry of one event stores while the owners of the webhooks are checked one after another."""

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
        """The members of the payload that show what is stored."""
        return {"shareRecord": self._last.share, "access": self._last.access}
