"""Who manages a room, with their e-mail addresses. It only reads.

Route and values as in DocSpace-server 3.7.2 (VirtualRoomsController.cs, FileShareDto.cs, FileSecurity.cs), recorded
in `more-room-share.json`: the owner comes first, with another access. A group is never a manager of a room. Whoever
may not see the room is told of no members, which is no error.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from msgspec.json import Decoder

from shared.docspace.client import Client
from shared.docspace.field import ABSENT, Field, reader, text, truth, whole
from shared.docspace.ids import segment
from shared.docspace.pages import PAGE
from shared.docspace.people import email
from shared.docspace.wire import readable
from shared.wire.events import EntryId

ROOM_MANAGER = 9
"""A value of `access` (FileShare.cs)."""
DISABLED = 2
"""A value of `status` (EmployeeStatus.cs): such a user cannot sign in."""


@dataclass(frozen=True, slots=True)
class Manager:
    """A room manager or the owner of a room."""

    user_id: str
    email: str


class _User(msgspec.Struct):
    id: Field = ABSENT
    email: Field = ABSENT
    status: Field = ABSENT


class _Member(msgspec.Struct, rename="camel"):
    access: Field = ABSENT
    is_owner: Field = ABSENT
    shared_to_user: Field = ABSENT

    @property
    def manages(self) -> bool:
        return whole(self.access) == ROOM_MANAGER or truth(self.is_owner) is True

    def manager(self) -> Manager | None:
        user = _user(self.shared_to_user)
        address = email(text(user.email)) if user and whole(user.status) != DISABLED else None
        return Manager(text(user.id) or "", address) if user and address else None


_user = reader(Decoder(_User))


class Members:
    def __init__(self, client: Client) -> None:
        self._client = client

    def managers(self, room_id: EntryId) -> tuple[Manager, ...]:
        """Those with an e-mail address who can sign in. Empty too where the key's user may not see the room.

        ScopeMissingError where the key may not read rooms, NotFoundError where the room is gone.
        """
        members = (member for member in self._members(room_id) if member.manages)
        return tuple(found for member in members if (found := member.manager()) is not None)

    def _members(self, room_id: EntryId) -> Iterator[_Member]:
        start, route = 0, f"files/rooms/{segment(room_id)}/share"
        while True:
            told = self._client.call("GET", route, list[Field], params={"startIndex": start, "count": PAGE})
            yield from readable(told, _Member)
            start += len(told)
            if len(told) < PAGE:
                return
