"""What a FileDto and a FolderDto have in common: people, times, owners and sharing."""

from datetime import datetime, timedelta
from typing import Any

from simulator.portal import people, times
from simulator.portal.model import Folder, JsonObject, Role
from simulator.portal.portal import Portal

ACCESS = {
    None: 0, Role.OWNER: 0, Role.MANAGER: 9, Role.EDITOR: 10, Role.CREATOR: 11, Role.VIEWER: 2, Role.ADMIN: 2,
}  # fmt: skip
UNSHARED: JsonObject = {
    "shared": False,
    "sharedForUser": False,
    "sharedExternal": False,
    "parentShared": False,
    "shortWebUrl": "",
}


class View:
    """The portal as its answers show it."""

    def __init__(self, portal: Portal, public_url: str) -> None:
        self.portal = portal
        self.public_url = public_url

    @property
    def offset(self) -> timedelta:
        """The portal's offset from UTC."""
        return self.portal.moods.now.offset

    def moment(self, moment: datetime) -> str:
        return times.api(moment, self.offset)

    def person(self, user_id: str) -> JsonObject:
        return people.person(user_id, self.public_url)

    def owner(self, user_id: str, room: Folder | None) -> JsonObject | None:
        """The room's owner; None if the owner asks."""
        return self.person(room.created_by) if room is not None and room.created_by != user_id else None


def present(**members: Any) -> JsonObject:
    """The members without those that are None."""
    return {name: value for name, value in members.items() if value is not None}


def links(rights: list[str], *, none: bool) -> JsonObject:
    """The rights that a public link may have. `none`: also "None"."""
    shown = [*rights, "None"] if none else rights
    return {"ExternalLink": shown, "PrimaryExternalLink": shown}


def provider(folder: Folder) -> JsonObject:
    if not folder.provider:
        return {}
    return {"providerItem": True, "providerKey": folder.provider, "providerId": 12}
