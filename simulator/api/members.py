"""A room's members: `GET files/rooms/{id}/share`, which every member may read. Others are told of none.

The owner comes first, with the access of a file's editor (GetDefaultAcesAsync in FileSharing.cs).
"""

from collections.abc import Iterator

import falcon

from simulator.api.dto import Shapes, parse_id
from simulator.api.envelope import ok
from simulator.api.listing import window
from simulator.api.reading import SHARES
from simulator.errors import NobodyError
from simulator.portal import people, seed, times
from simulator.portal.model import Folder, JsonObject, Role
from simulator.portal.moods import Moods
from simulator.portal.portal import Portal

OWNER_ACCESS = 1
HIDDEN_HERE = frozenset({"theme", "loginEventId", "hasPersonalFolder"})
"""Of a profile: what only its user is told."""


class MembersResource:
    def __init__(self, portal: Portal, shapes: Shapes, moods: Moods) -> None:
        self._portal = portal
        self._shapes = shapes
        self._moods = moods

    def on_get(self, req: falcon.Request, resp: falcon.Response, room_id: str) -> None:
        if req.context.user is None:
            raise NobodyError
        start, count = window(req)
        with self._portal.lock:
            room = self._portal.tree.folder(parse_id(room_id))
            may_read = self._portal.rights.may_read(req.context.user.id, room)
            members = list(self._members(room, req.context.user.id)) if may_read else []
        shown = members[start : start + count]
        ok(req, resp, shown, count=min(len(members) - start, count), total=len(members))

    def _members(self, room: Folder, asker: str) -> Iterator[JsonObject]:
        edits = (self._portal.rights.role(asker, room) or Role.ADMIN) >= Role.MANAGER
        yield self._member(room, room.created_by, OWNER_ACCESS, edits=False, locked=False)
        for user_id, role in sorted(room.roles.items(), key=lambda item: -item[1]):
            is_asker = user_id == asker
            yield self._member(room, user_id, SHARES[role], edits=edits and not is_asker, locked=is_asker)

    def _member(self, room: Folder, user_id: str, access: int, *, edits: bool, locked: bool) -> JsonObject:
        registered = times.glued(room.created, self._moods.now.offset)
        profile = people.profile(seed.USERS[user_id], self._shapes.public_url, registered)
        user = {name: value for name, value in profile.items() if name not in HIDDEN_HERE}
        return {
            "access": access,
            "sharedTo": user,
            "sharedToUser": user,
            "isLocked": locked,
            "isOwner": access == OWNER_ACCESS,
            "canEditAccess": edits,
            "canEditInternal": edits,
            "canEditDenyDownload": edits,
            "canEditExpirationDate": edits,
            "canRevoke": False,
            "subjectType": 0,
        }
