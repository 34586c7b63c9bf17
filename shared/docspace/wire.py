"""How the portal spells its answers, and reading them into the values of `shared.docspace.model`. No network.

Field names: DocSpace-server 3.7.2, products/ASC.Files/Core/ApiModels/ResponseDto. What an answer needs is typed,
and where it is missing a `TryLaterError` names it and the route, because such an answer comes from a proxy or a
portal in trouble, not from the file. Every other field is a `Field`, which no JSON value of it can make fail.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
import structlog
from msgspec.json import Decoder

from shared.docspace.errors import TryLaterError
from shared.docspace.field import (
    ABSENT,
    Field,
    Id,
    entry_id,
    items,
    moment,
    number,
    people,
    reader,
    text,
    truth,
    whole,
    words,
)
from shared.docspace.model import EDITING, FileInfo, FolderInfo, FolderPage, KeyInfo, Operation, PortalSettings
from shared.text.reading import UNREADABLE, decoded

T = TypeVar("T")

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class _Person(msgspec.Struct, rename="camel"):
    id: Field = ABSENT
    display_name: Field = ABSENT
    profile_url: Field = ABSENT


class _Rights(msgspec.Struct, rename="pascal"):
    move: Field = ABSENT
    create: Field = ABSENT
    move_to: Field = ABSENT
    edit_room: Field = ABSENT


_person = reader(Decoder(_Person))
_rights = reader(Decoder(_Rights))
NOBODY = _Person()
UNSAID = _Rights()


class FileWire(msgspec.Struct, rename="camel"):
    id: Id
    folder_id: Id
    title: Field = ABSENT
    version: Field = ABSENT
    web_url: Field = ABSENT
    created: Field = ABSENT
    created_by: Field = ABSENT
    locked: Field = ABSENT
    locked_by: Field = ABSENT
    file_status: Field = ABSENT
    editing_by: Field = ABSENT
    root_folder_type: Field = ABSENT
    origin_room_id: Field = ABSENT
    origin_room_title: Field = ABSENT
    security: Field = ABSENT
    pure_content_length: Field = ABSENT
    updated: Field = ABSENT
    updated_by: Field = ABSENT

    def info(self) -> FileInfo:
        creator = _person(self.created_by) or NOBODY
        created_by, created_at = text(creator.id), moment(text(self.created))
        modified_by, modified_at = created_by, created_at  # mostly the same bytes, which are then read once
        if self.updated_by != self.created_by:
            modified_by = text((_person(self.updated_by) or NOBODY).id) or created_by
        if self.updated != self.created:
            modified_at = moment(text(self.updated))
        editors = people(self.editing_by)
        return FileInfo(
            id=self.id,
            title=text(self.title) or "",
            folder_id=self.folder_id,
            version=whole(self.version) or 1,
            web_url=text(self.web_url) or None,
            created_at=created_at,
            created_by=created_by,
            created_by_name=text(creator.display_name) or None,
            created_by_profile=text(creator.profile_url) or None,
            locked=truth(self.locked) or False,
            locked_by=text(self.locked_by) or None,
            editing=bool((whole(self.file_status) or 0) & EDITING or editors),
            editing_by=", ".join(filter(None, editors)) or None,
            can_move=truth((_rights(self.security) or UNSAID).move),
            size_bytes=whole(self.pure_content_length),
            root_folder_type=whole(self.root_folder_type),
            room_id=entry_id(self.origin_room_id),
            room_title=text(self.origin_room_title) or None,
            modified_at=modified_at,
            modified_by=modified_by,
        )


class FolderWire(msgspec.Struct, rename="camel"):
    id: Id
    title: Field = ABSENT
    parent_id: Field = ABSENT
    room_type: Field = ABSENT
    root_folder_type: Field = ABSENT
    in_room: Field = ABSENT
    tags: Field = ABSENT
    security: Field = ABSENT

    def info(self) -> FolderInfo:
        rights = _rights(self.security) or UNSAID
        return FolderInfo(
            id=self.id,
            title=text(self.title) or "",
            parent_id=entry_id(self.parent_id),
            room_type=whole(self.room_type),
            root_folder_type=whole(self.root_folder_type),
            can_create=truth(rights.create),
            can_move_to=truth(rights.move_to),
            can_manage=truth(rights.edit_room),
            in_room=truth(self.in_room),
            tags=tuple(filter(None, map(text, items(self.tags) or ()))),
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a folder's content. The unreadable entries have their places in it, and count."""

    files: list[FileWire]
    folders: list[FolderWire]
    total: int | None = None
    unreadable: tuple[bytes, ...] = ()
    """As they came."""

    @property
    def entries(self) -> int:
        return len(self.files) + len(self.folders) + len(self.unreadable)

    def info(self) -> FolderPage:
        return FolderPage(tuple(file.info() for file in self.files), self.entries, self.total)


class PageWire(msgspec.Struct, rename="camel"):
    """Files and folders share its count. A list that is none is an error: it must not look like an empty folder."""

    files: list[Field] | None = None
    folders: list[Field] | None = None
    total: Field = ABSENT

    def listing(self) -> Listing:
        files, bad_files = _told_apart(self.files or (), FileWire)
        folders, bad_folders = _told_apart(self.folders or (), FolderWire)
        return Listing(files, folders, whole(self.total), (*bad_files, *bad_folders))


class SelfWire(msgspec.Struct, rename="camel"):
    id: Id


class KeyWire(msgspec.Struct, rename="camel"):
    name: Field = ABSENT
    permissions: Field = ABSENT
    expires_at: Field = ABSENT
    is_active: Field = ABSENT

    def info(self) -> KeyInfo:
        return KeyInfo(
            name=text(self.name) or "",
            # a scope that is no text still is one: a key without any would reach all
            permissions=words(self.permissions),
            expires_at=text(self.expires_at) or None,
            active=truth(self.is_active) is not False,
        )


class SettingsWire(msgspec.Struct, rename="camel"):
    doc_space: Field = ABSENT
    version: Field = ABSENT
    tenant_status: Field = ABSENT
    culture: Field = ABSENT
    utc_offset: Field = ABSENT

    def info(self) -> PortalSettings:
        return PortalSettings(
            is_docspace=truth(self.doc_space) or False,
            version=text(self.version) or None,
            tenant_status=whole(self.tenant_status),
            culture=text(self.culture) or None,
            utc_offset=text(self.utc_offset) or None,
        )


class _Moved(msgspec.Struct):
    id: Id


class OperationWire(msgspec.Struct, rename="camel"):
    id: Id
    finished: Field = ABSENT
    progress: Field = ABSENT
    error: Field = ABSENT
    processed: Field = ABSENT
    files: Field = ABSENT

    def info(self) -> Operation:
        count = whole(self.processed)
        return Operation(
            id=str(self.id),
            finished=truth(self.finished) or False,
            progress=int(number(self.progress) or 0),
            error=text(self.error) or "",
            processed=text(self.processed) or ("" if count is None else str(count)),
            files=tuple(file.id for file in readable(items(self.files) or (), _Moved)),
        )


class _Envelope(msgspec.Struct, Generic[T]):
    response: T


def response(body: bytes, kind: type[T], route: str) -> T:
    """The `response` of the portal's envelope; TryLaterError if it is anything else, naming `route`."""
    try:
        return decoded(Decoder(_Envelope[kind]), body).response  # type: ignore[valid-type] # a runtime type
    except UNREADABLE as error:
        raise undocumented(route, str(error)) from error


def readable(entries: Iterable[Field], kind: type[T]) -> list[T]:
    """Those of a list that can be read as `kind`; any other costs itself, and the log says why."""
    return _told_apart(entries, kind)[0]


def undocumented(route: str, detail: str) -> TryLaterError:
    """The error for a success that cannot be read; what was asked for may well be done."""
    reason = f"the portal's answer to {route} is not what its API documents: {detail}"
    return TryLaterError(reason, status=200, maybe_done=True)


def _told_apart(entries: Iterable[Field], kind: type[T]) -> tuple[list[T], list[bytes]]:
    decode = Decoder(kind).decode
    good: list[T] = []
    bad: list[bytes] = []
    reason = ""
    for entry in entries:
        try:
            good.append(decode(entry))
        except UNREADABLE as error:
            reason = reason or str(error)
            bad.append(bytes(entry))
    if bad:
        log.warning("portal.entries_unreadable", kind=kind.__name__, count=len(bad), reason=reason)
    return good, bad
