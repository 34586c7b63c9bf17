"""The portal as an upload of the past saw it: what the history recorded, and only what it did not, asked now.

A file that was moved since, or renamed, must not change what its rules would have said then.
"""

from collections.abc import Callable
from typing import TypeVar

from console.rules.past_uploads import PastUpload, Places
from shared.deciding.inquiry import FileGoneError, Portal
from shared.docspace.errors import NotFoundError, PortalFaultError, UnreachableError
from shared.docspace.field import moment
from shared.docspace.ids import differ
from shared.docspace.model import FileInfo, FolderInfo
from shared.docspace.payload import Entry
from shared.errors import IntakeError, TransientError
from shared.rules.ids import id_text
from shared.rules.model import RuleSet
from shared.text.codes import Code
from shared.wire.events import EntryId

T = TypeVar("T")

ROOM = 1
"""The room's place on a path of the portal's: right below the section."""
UNTOLD = 0
"""The kind of a recorded room."""
GONE = str(FileGoneError())
"""The reason to skip what was deleted before it was decided; no rules would have seen more of it."""


class AskedOnce:
    """Asks the portal each question once, and none any more once no call would do."""

    def __init__(self, portal: Portal, asking: Callable[[str], None] = lambda _: None) -> None:
        """`asking` is told each question before it is asked."""
        self._portal = portal
        self._asking = asking
        self._down: UnreachableError | PortalFaultError | None = None
        self._files: dict[str, FileInfo | IntakeError] = {}
        self._folders: dict[str, FolderInfo | IntakeError] = {}
        self._paths: dict[str, tuple[FolderInfo, ...] | IntakeError] = {}
        self._selves: dict[str, str | IntakeError] = {}

    def file(self, file_id: EntryId) -> FileInfo:
        return self._answer(self._files, f"file {file_id}", lambda: self._portal.file(file_id))

    def folder(self, folder_id: EntryId) -> FolderInfo:
        return self._answer(self._folders, f"folder {folder_id}", lambda: self._portal.folder(folder_id))

    def folder_path(self, folder_id: EntryId) -> tuple[FolderInfo, ...]:
        return self._answer(self._paths, f"folder {folder_id}", lambda: self._portal.folder_path(folder_id))

    def self_id(self) -> str:
        return self._answer(self._selves, "who we are", self._portal.self_id)

    def _answer(self, kept: dict[str, T | IntakeError], what: str, ask: Callable[[], T]) -> T:
        if what not in kept:
            if self._down is not None:
                raise self._down
            self._asking(what)
            try:
                kept[what] = ask()
            except (UnreachableError, PortalFaultError) as error:
                self._down = error
                raise
            except IntakeError as error:
                kept[what] = error
        found = kept[what]
        if isinstance(found, IntakeError):
            raise found
        return found


class PastPortal:
    """For one upload. What is gone since is a question without an answer, not a "no"."""

    def __init__(self, portal: Portal, places: Places, rules: RuleSet, entry: Entry, upload: PastUpload) -> None:
        self._portal = portal
        self._places = places
        self._rules = rules
        self._entry = entry
        self._detected = upload.detected
        decided = upload.decided  # the first release told no code
        self._gone = decided.code == Code.GONE or decided.reason == GONE
        self.room = ""
        """What the room is called, or its id, once it was asked for."""

    def file(self, file_id: EntryId) -> FileInfo:
        if self._gone:
            raise NotFoundError(GONE)
        detected = self._detected
        title = (detected.title if detected else None) or self._entry.title
        folder_id = (detected.folder_id if detected else None) or self._entry.parent_id
        if title and folder_id is not None:
            return FileInfo(id=file_id, title=title, folder_id=folder_id)
        lost = TransientError(f"file {file_id} is no longer there, and its title was not recorded")
        try:
            now = self._portal.file(file_id)
        except NotFoundError as error:
            raise lost from error
        if differ(moment(self._entry.created_at), now.created_at):
            raise lost
        return FileInfo(id=file_id, title=title or now.title, folder_id=now.folder_id)

    def folder_path(self, folder_id: EntryId) -> tuple[FolderInfo, ...]:
        recorded = self._places.path(folder_id, self._rules)
        if recorded is not None:
            self.room = recorded[0].title or id_text(recorded[0].id)
            kind = {True: UNTOLD, False: None}
            return tuple(
                FolderInfo(id=folder.id, title=folder.title, room_type=kind[folder.is_room]) for folder in recorded
            )
        try:
            path = self._portal.folder_path(folder_id)
        except NotFoundError as error:
            raise TransientError(f"folder {folder_id} is no longer there, and its room not recorded") from error
        if len(path) > ROOM:
            self.room = path[ROOM].title or id_text(path[ROOM].id)
        return path

    def folder(self, folder_id: EntryId) -> FolderInfo:
        return self._portal.folder(folder_id)

    def self_id(self) -> str:
        return self._portal.self_id()
