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
    VIRTUAL_ROOMS = 14
    CUSTOM_ROOM = 19
    ARCHIVE = 20


class Role(IntEnum):
    VIEWER = 1
    CREATOR = 2
    MANAGER = 3


class OperationType(IntEnum):
    MOVE = 0
    COPY = 1
    DELETE = 2


class OperationStatus(IntEnum):
    CREATED = 0
    RUNNING = 1
    COMPLETED = 2
    CANCELED = 3
    FAILED = 4


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
    denied: bool = False
    """Nobody may move it, whatever the roles say."""


@dataclass
class Operation:
    id: str
    type: OperationType
    user_id: str
    hold: bool
    """False drops the finished record without ever returning it (`deleteAfter: true` in the request)."""
    started: float
    """Seconds of a monotonic clock."""
    duration_s: float
    file_ids: list[Id]
    folder_ids: list[Id] = field(default_factory=list)
    dest_id: Id | None = None
    conflict: Conflict = Conflict.SKIP
    immediately: bool = False
    lost: bool = False
    """It is never returned by a read."""
    moves: bool = True
    """False: it ends without having done anything."""
    error: str = ""
    processed: int = 0
    finished: bool = False
    done_files: list[Id] = field(default_factory=list)
    done_folders: list[Id] = field(default_factory=list)


@dataclass(frozen=True)
class Move:
    """One file that really changed its place."""

    file_id: Id
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
