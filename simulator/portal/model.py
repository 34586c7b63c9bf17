"""What a portal holds: users, folders, files, operations. Plain records, no behaviour."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

Id = int | str
"""A number in DocSpace's own storage, a string such as `sbox-12-|a.pdf` in a third party's."""


class FolderType(IntEnum):
    DEFAULT = 0
    TRASH = 3
    USER = 5
    """Somebody's own documents."""
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
"""What a room's type makes of its folder."""


class Role(IntEnum):
    """In the order of what it allows."""

    ADMIN = 0
    """A DocSpace administrator who is no member of the room."""
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
    """May make rooms."""
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
    """`DropBox` for a mounted third-party room and what is in it."""
    roles: dict[str, Role] = field(default_factory=dict)
    """Of a room: who may do what in it, by user id."""
    tags: list[str] = field(default_factory=list)
    quota: int | None = None
    """Of a room: bytes that it may hold."""
    modified: datetime | None = None
    modified_by: str = ""
    """A user id. Both empty until it is renamed."""
    has_link: bool = False
    """Of a room: it is shared by a link."""


@dataclass(frozen=True)
class Act:
    """What somebody did to a file, as its log tells."""

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
    """Somebody has it open in an editor."""
    editing_shows: bool = False
    """`fileStatus` says so too, as it does of the types that the portal's editor can edit."""
    comment: str = ""
    denied: bool = False
    """Nobody may move it, whatever the roles say."""
    acts: tuple[Act, ...] = ()
    """The newest last."""


@dataclass
class Operation:
    id: str
    type: OperationType
    user_id: str
    hold: bool
    """False drops the finished record without ever returning it (`deleteAfter: true` in the request)."""
    file_ids: list[Id]
    folder_ids: list[Id] = field(default_factory=list)
    dest_id: Id | None = None
    conflict: Conflict = Conflict.SKIP
    immediately: bool = False
    changed: float = 0.0
    """Seconds of a monotonic clock, when anything in this record changed last."""
    lost: bool = False
    """It is never returned by a read."""
    moves: bool = True
    """False: it ends without having done anything."""
    error: str = ""
    handled: int = 0
    """Items that it is through with, whatever became of them."""
    processed: int = 0
    finished: bool = False
    done_files: list[Id] = field(default_factory=list)
    done_folders: list[Id] = field(default_factory=list)


@dataclass(frozen=True)
class Move:
    """One file that really changed its place."""

    file_id: Id
    created: datetime
    """With the id it names the file: the id alone is used again."""
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
