"""What a portal holds: users, folders, files, operations. Plain records, no behaviour."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

Id = int | str
"""A number in DocSpace's own storage, a string such as `sbox-12-|a.pdf` in third-party storage."""


class FolderType(IntEnum):
    DEFAULT = 0
    TRASH = 3
    USER = 5
    """A user's own documents."""
    VIRTUAL_ROOMS = 14
    FORM_ROOM = 15
    EDITING_ROOM = 16
    CUSTOM_ROOM = 19
    ARCHIVE = 20
    PUBLIC_ROOM = 22
    DATA_ROOM = 29


FORM_ROOM = 1
ROOM_FOLDERS = {
    FORM_ROOM: FolderType.FORM_ROOM,
    2: FolderType.EDITING_ROOM,
    5: FolderType.CUSTOM_ROOM,
    6: FolderType.PUBLIC_ROOM,
    8: FolderType.DATA_ROOM,
}
"""The type of a room's folder, by the type of the room."""


class Role(IntEnum):
    """A later role allows more."""

    ADMIN = 0
    """An administrator of DocSpace who is not a member of the room."""
    VIEWER = 1
    EDITOR = 2
    CREATOR = 3
    MANAGER = 4
    OWNER = 5


class OperationType(IntEnum):
    MOVE = 0
    COPY = 1
    DELETE = 2


class OperationStatus(IntEnum):
    RUNNING = 1
    COMPLETED = 2


class Conflict(IntEnum):
    SKIP = 0
    OVERWRITE = 1
    DUPLICATE = 2


@dataclass(frozen=True)
class User:
    id: str
    display_name: str
    email: str
    is_admin: bool = False
    is_room_admin: bool = False
    """Whether the user may make rooms."""
    is_guest: bool = False


@dataclass
class Folder:
    id: Id
    title: str
    parent_id: Id | None
    created_by: str
    created: datetime
    type: FolderType = FolderType.DEFAULT
    room_type: int | None = None
    provider: str = ""
    """`DropBox` for a third-party room and everything in it; else empty."""
    roles: dict[str, Role] = field(default_factory=dict)
    """For a room: the role of each member, by user id."""
    tags: list[str] = field(default_factory=list)
    quota: int | None = None
    """For a room: how many bytes it may hold; None: no limit."""
    modified: datetime | None = None
    modified_by: str = ""
    """A user id. Both are empty until the folder is renamed."""
    has_link: bool = False
    """For a room: whether it is shared by a link."""


@dataclass(frozen=True)
class Act:
    """What a user did to a file, as its log shows it."""

    key: str
    user_id: str
    at: datetime


@dataclass
class File:
    id: Id
    title: str
    folder_id: Id
    size: int
    created_by: str
    created: datetime
    modified_by: str
    modified: datetime
    version: int = 1
    locked_by: str = ""
    """A user id, or empty."""
    editing: bool = False
    """Whether somebody has it open in an editor."""
    editing_shows: bool = False
    """Whether `fileStatus` shows that too, as for types that the portal's editor can edit."""
    comment: str = ""
    denied: bool = False
    """If set, nobody may move or delete the file, in any role."""
    acts: tuple[Act, ...] = ()
    """The newest is the last."""
    data: bytes = b""
    """Empty for a file that is there for its size alone."""


@dataclass
class Operation:
    id: str
    type: OperationType
    user_id: str
    hold: bool
    """If False, the finished record is dropped and never returned (`deleteAfter: true` in the request)."""
    file_ids: list[Id]
    folder_ids: list[Id] = field(default_factory=list)
    dest_id: Id | None = None
    conflict: Conflict = Conflict.SKIP
    immediately: bool = False
    changed: float = 0.0
    """When the record last changed, in seconds of a monotonic clock."""
    lost: bool = False
    """If set, no read ever returns it."""
    moves: bool = True
    """If False, it ends without doing anything."""
    error: str = ""
    handled: int = 0
    """How many items it has finished, with success or without."""
    processed: int = 0
    finished: bool = False
    done_files: list[Id] = field(default_factory=list)
    done_folders: list[Id] = field(default_factory=list)


@dataclass(frozen=True)
class Move:
    """One file that was really moved."""

    file_id: Id
    created: datetime
    """Together with the id it identifies the file, because ids are reused."""
    new_file_id: Id
    title: str
    source: Id
    dest: Id
    at: datetime
    operation_id: str


@dataclass
class UploadSession:
    id: str
    folder_id: Id
    title: str
    size: int
    user_id: str
    created: datetime
    create_new_if_exist: bool
    received: dict[int, bytes] = field(default_factory=dict)


JsonObject = dict[str, Any]
