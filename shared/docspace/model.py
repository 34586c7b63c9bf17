"""What the portal tells about files, folders and operations, reduced to what this product asks.

Decoding is tolerant of fields that are added, null or left out; an answer without the few that matter is a
`TryLaterError` that names the route, because it comes from a proxy or a portal in trouble, not from the file.
Field names: DocSpace-server 3.7.2, products/ASC.Files/Core/ApiModels/ResponseDto.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec

from shared.docspace.errors import TryLaterError
from shared.events import EntryId

EDITING = 1
"""The bit of `fileStatus` that says someone has the file open in an editor."""

TRASH = 3
"""The `rootFolderType` of what was deleted but can be restored."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo:
    """A file now. A None means that the portal did not say."""

    id: EntryId
    title: str
    folder_id: EntryId
    version: int = 1
    web_url: str | None = None
    created_by: str | None = None
    """A user id."""
    created_by_name: str | None = None
    locked: bool = False
    locked_by: str | None = None
    """A user's name."""
    editing: bool = False
    editing_by: str | None = None
    can_move: bool | None = None
    """Whether the key's user may move it out of where it is."""
    size_bytes: int | None = None
    in_trash: bool = False
    modified_at: datetime | None = None
    """UTC; a move leaves it as it is."""
    modified_by: str | None = None
    """A user id: who uploaded this version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderInfo:
    """A folder, room or section; in a path the portal tells `id` and `title` alone."""

    id: EntryId
    title: str
    parent_id: EntryId | None = None
    room_type: int | None = None
    """Set for a room, None for what is in it."""
    can_create: bool | None = None
    can_move_to: bool | None = None
    can_manage: bool | None = None
    """Of a room: whether the key's user is its manager, who alone may move other people's files out."""


@dataclass(frozen=True, slots=True)
class FolderPage:
    """A part of what lies in a folder."""

    files: tuple[FileInfo, ...]
    entries: int
    """Files and folders on this page."""
    total: int | None
    """Files and folders on all pages, if the portal says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """An API key, as the portal describes it to whoever sends it."""

    name: str
    permissions: tuple[str, ...] = ()
    """Empty: it may do whatever its user may."""
    expires_at: str | None = None
    """ISO 8601; None: never."""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A queued move, as of the last look at it. `progress` is 100 for every ended one, failed or not."""

    id: str
    finished: bool
    progress: int = 0
    error: str = ""
    """Localised text for a person; empty does not prove success."""
    processed: str = ""
    files: tuple[EntryId, ...] = ()
    """The files that it moved, by the id they have now."""


class _Person(msgspec.Struct, rename="camel"):
    id: str | None = None
    display_name: str | None = None


class FileWire(msgspec.Struct, rename="camel"):
    id: EntryId
    folder_id: EntryId
    title: str | None = None
    version: int | None = None
    web_url: str | None = None
    created_by: _Person | None = None
    locked: bool | None = None
    locked_by: str | None = None
    file_status: int | None = None
    editing_by: str | None = None
    root_folder_type: int | None = None
    security: Any = None
    pure_content_length: int | None = None
    updated: str | None = None
    updated_by: _Person | None = None

    def info(self) -> FileInfo:
        who = self.created_by or _Person()
        return FileInfo(
            id=self.id,
            title=self.title or "",
            folder_id=self.folder_id,
            version=self.version or 1,
            web_url=self.web_url or None,
            created_by=who.id,
            created_by_name=who.display_name or None,
            locked=bool(self.locked),
            locked_by=self.locked_by or None,
            editing=bool((self.file_status or 0) & EDITING),
            editing_by=self.editing_by or None,
            can_move=_right(self.security, "Move"),
            size_bytes=self.pure_content_length,
            in_trash=self.root_folder_type == TRASH,
            modified_at=moment(self.updated),
            modified_by=(self.updated_by or who).id,
        )


class FolderWire(msgspec.Struct, rename="camel"):
    id: EntryId
    title: str | None = None
    parent_id: EntryId | None = None
    room_type: int | None = None
    security: Any = None

    def info(self) -> FolderInfo:
        return FolderInfo(
            id=self.id,
            title=self.title or "",
            parent_id=self.parent_id,
            room_type=self.room_type,
            can_create=_right(self.security, "Create"),
            can_move_to=_right(self.security, "MoveTo"),
            can_manage=_right(self.security, "EditRoom"),
        )


class PageWire(msgspec.Struct, rename="camel"):
    """One page of a folder's content; files and folders share its count."""

    files: list[FileWire] | None = None
    folders: list[FolderWire] | None = None
    total: int | None = None

    def info(self) -> FolderPage:
        files = tuple(file.info() for file in self.files or ())
        return FolderPage(files, len(files) + len(self.folders or []), self.total)


class SelfWire(msgspec.Struct, rename="camel"):
    id: str


class KeyWire(msgspec.Struct, rename="camel"):
    name: str | None = None
    permissions: list[str] | None = None
    expires_at: str | None = None
    is_active: bool | None = None

    def info(self) -> KeyInfo:
        return KeyInfo(
            name=self.name or "",
            permissions=tuple(self.permissions or ()),
            expires_at=self.expires_at or None,
            active=self.is_active is not False,
        )


class _Moved(msgspec.Struct):
    id: EntryId


class OperationWire(msgspec.Struct, rename="camel"):
    id: EntryId
    finished: bool | None = None
    progress: int | float | None = None
    error: str | None = None
    processed: str | int | None = None
    files: list[_Moved] | None = None

    def info(self) -> Operation:
        return Operation(
            id=str(self.id),
            finished=bool(self.finished),
            progress=int(self.progress or 0),
            error=self.error or "",
            processed="" if self.processed is None else str(self.processed),
            files=tuple(file.id for file in self.files or ()),
        )


class _Envelope(msgspec.Struct, Generic[T]):
    response: T


def response(body: bytes, kind: type[T], route: str) -> T:
    """The `response` of the portal's envelope; TryLaterError if it is anything else, naming `route`."""
    try:
        return msgspec.json.decode(body, type=_Envelope[kind]).response  # type: ignore[valid-type] # a runtime type
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise undocumented(route, str(error)) from error


def undocumented(route: str, detail: str) -> TryLaterError:
    """The error for a success that cannot be read; what was asked for may well be done."""
    reason = f"the portal's answer to {route} is not what its API documents: {detail}"
    return TryLaterError(reason, status=200, maybe_done=True)


def moment(text: str | None) -> datetime | None:
    """A time of the portal in UTC, from its own time zone or where it names none from UTC; None if unreadable."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _right(security: object, name: str) -> bool | None:
    value = security.get(name) if isinstance(security, dict) else None
    return value if isinstance(value, bool) else None
