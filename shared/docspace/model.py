"""What the portal says about files, folders and operations, reduced to what this product needs.

`shared.docspace.wire` knows how the portal writes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.docspace.people import email_in_profile
from shared.wire.events import EntryId

EDITING = 1
"""The bit of `fileStatus` that says someone has the file open in an editor."""

TRASH = 3
"""The `rootFolderType` of what was deleted but can be restored."""

PERSONAL = 5
"""The `rootFolderType` of what is in nobody's room but the key's user's own."""

ROOMS = 14
"""The `rootFolderType` of the rooms that are in use. Of templates and AI agents it is another."""

ARCHIVE = 20
"""The `rootFolderType` of an archived room and all that is in it: readable, but nobody may change it."""

FORM_ROOM = 1
"""The `roomType` of a room for filling out forms."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "file": ("id", "folderId"),
    "folder": ("id",),
    "page": (),
    "operation": ("id",),
    "self": ("id",),
    "key": (),
    "settings": (),
    "webhook": ("id",),
    "trigger": ("name", "id"),
    "log row": ("id",),
    "retry": ("id",),
}
"""The required fields: without one of them an answer is an error, and an entry of a list is left out."""

DECIDING: Mapping[str, tuple[str, ...]] = {
    "file": (
        "title", "version", "created", "createdBy.id", "updated", "updatedBy.id", "locked", "lockedBy",
        "fileStatus", "editingBy", "rootFolderType", "originRoomId", "originRoomTitle", "security.Move",
    ),
    "folder": (
        "title", "parentId", "roomType", "rootFolderType", "security.Create", "security.MoveTo",
        "security.EditRoom", "inRoom", "tags",
    ),
    "page": ("files", "folders", "total"),
    "operation": ("finished", "progress", "error", "files.id"),
    "self": (),
    "key": ("permissions", "expiresAt", "isActive"),
    "settings": ("docSpace", "version", "tenantStatus", "culture", "utcOffset"),
    "webhook": ("name", "uri", "enabled", "ssl", "triggers", "targetId", "createdBy.id"),
    "trigger": (),
    "log row": ("requestHeaders", "requestPayload", "responsePayload", "delivery"),
    "retry": (),
}  # fmt: skip
"""Optional fields that decide something. If one cannot be read, it counts as missing. All other fields are only
shown to a person, or not read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo:
    """A file as it is now. None in a field means that the portal did not say."""

    id: EntryId
    title: str
    folder_id: EntryId
    version: int = 1
    web_url: str | None = None
    created_at: datetime | None = None
    """UTC, to the microsecond. It tells the file from a later one with the same id."""
    created_by: str | None = None
    """A user id."""
    created_by_name: str | None = None
    created_by_profile: str | None = None
    """The address of the creator's page, which holds their e-mail address."""
    locked: bool = False
    locked_by: str | None = None
    """A user's name; the portal leaves it out where the lock is the key's own user's."""
    editing: bool = False
    editing_by: str | None = None
    """Users' names."""
    can_move: bool | None = None
    """Whether the key's user may move it out of where it is."""
    size_bytes: int | None = None
    root_folder_type: int | None = None
    room_id: EntryId | None = None
    """The id of the room that it is in now. The portal gives it for a single file, not for the files of a page."""
    room_title: str | None = None
    modified_at: datetime | None = None
    """UTC. A move does not change it."""
    modified_by: str | None = None
    """A user id: who changed it last, be it by a new version, a rename or a restore."""

    @property
    def created_by_email(self) -> str | None:
        return email_in_profile(self.created_by_profile)

    @property
    def in_trash(self) -> bool:
        return self.root_folder_type == TRASH

    @property
    def archived(self) -> bool:
        return self.root_folder_type == ARCHIVE

    @property
    def locked_by_other(self) -> bool:
        """Whether somebody else has locked it: our own lock is no obstacle."""
        return self.locked and self.locked_by is not None

    @property
    def movable(self) -> bool:
        """Whether the portal says that it can be moved now, as far as the file itself tells."""
        kept = self.in_trash or self.archived or self.editing or self.locked_by_other
        return self.can_move is True and not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderInfo:
    """A folder, room or section. A None means that the portal did not say."""

    id: EntryId
    title: str
    parent_id: EntryId | None = None
    room_type: int | None = None
    """Set for a room; None for a folder in it."""
    root_folder_type: int | None = None
    can_create: bool | None = None
    can_move_to: bool | None = None
    can_manage: bool | None = None
    """For a room: whether the key's user is its manager. Only a manager may move other people's files out."""
    in_room: bool | None = None
    """For a room: whether the key's user is a member. An administrator sees the room and reads its files without
    being one."""
    tags: tuple[str, ...] = ()
    """For a room."""

    @property
    def is_room(self) -> bool:
        """A room that is in use or in the archive; a template is none."""
        return self.room_type is not None and self.root_folder_type in {ROOMS, ARCHIVE, None}

    @property
    def in_trash(self) -> bool:
        return self.root_folder_type == TRASH

    @property
    def archived(self) -> bool:
        return self.root_folder_type == ARCHIVE

    @property
    def is_form_room(self) -> bool:
        return self.room_type == FORM_ROOM


@dataclass(frozen=True, slots=True)
class FolderPage:
    """A part of what lies in a folder."""

    files: tuple[FileInfo, ...]
    entries: int
    """Files and folders on this page, with those that could not be read."""
    total: int | None
    """Files and folders on all pages, if the portal says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """An API key, as the portal describes it to whoever sends it."""

    name: str
    permissions: tuple[str, ...] = ()
    """The key's permissions. Empty: it may do whatever its user may."""
    expires_at: str | None = None
    """When it expires, in ISO 8601; None: never."""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A queued move, as the portal showed it last. `progress` is 100 for every ended move, failed or not."""

    id: str
    finished: bool
    progress: int = 0
    error: str = ""
    """A text for a person, in the user's language. If it is empty, that does not prove success."""
    processed: str = ""
    files: tuple[EntryId, ...] = ()
    """The files that it moved, by the id they have now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSettings:
    """What the portal says about itself to anybody, in any state. None in a field means that it did not say."""

    is_docspace: bool
    """If it is False, whoever answered is not DocSpace."""
    version: str | None = None
    tenant_status: int | None = None
    """0 active, 1 suspended, 4 being restored."""
    culture: str | None = None
    utc_offset: str | None = None
    """Such as `02:00:00`."""


def entry_time(moment: datetime) -> str:
    """Such as `2026-11-29T20:35:12.163054Z`: always to the microsecond, and in UTC; one without a zone is UTC."""
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
