"""Asks the portal what a decision needs, and nothing else. One `Inquiry` per webhook; `Memory` outlives it."""

from dataclasses import replace
from typing import Protocol, assert_never

from shared.docspace.errors import ForbiddenError, NotFoundError
from shared.docspace.model import FileInfo, FolderInfo
from shared.errors import IntakeError, TransientError
from shared.events import EntryId
from shared.inquiry.memory import Memory, Path, ServiceUser
from shared.rules.decide import Answer, Ask, Known, Match, NoMatch, Question, decide
from shared.rules.finding import Folder
from shared.rules.ids import entry_id
from shared.rules.model import RuleSet
from shared.webhook import Webhook


class Portal(Protocol):
    """The calls of `shared.docspace.client.Client` that an inquiry makes."""

    def file(self, file_id: EntryId) -> FileInfo: ...

    def folder(self, folder_id: EntryId) -> FolderInfo: ...

    def folder_path(self, folder_id: EntryId) -> tuple[FolderInfo, ...]: ...

    def self_id(self) -> str: ...


class FileGoneError(Exception):
    """There is nothing to decide."""

    def __init__(self) -> None:
        super().__init__("the file no longer exists")


class Inquiry:
    """Finds out about one webhook's entry. What it has learnt stays readable after an error."""

    def __init__(self, webhook: Webhook, rules: RuleSet, portal: Portal, memory: Memory) -> None:
        self._webhook = webhook
        self._rules = rules
        self._portal = portal
        self._memory = memory
        self.file: FileInfo | None = None
        """What the portal said about the file, if it was asked and answered."""
        self.folder_id = webhook.entry.parent_id
        self.known = Known()

    def decision(self) -> Match | NoMatch:
        """What the rules decide. TransientError while the portal cannot say, FileGoneError after a 404."""
        while True:  # every round answers one more of three questions
            decision = decide(self._rules, self._webhook, self.known)
            if not isinstance(decision, Ask):
                return decision
            self.known = self._with_answer(decision.question)

    def path_if_easy(self) -> Path:
        """The path for its room's name alone: one call at most, and empty where it fails."""
        if self.folder_id is None:
            return ()
        try:
            return self._path(self.folder_id)
        except IntakeError:
            return ()

    def _with_answer(self, question: Question) -> Known:
        match question:
            case Question.SERVICE_USER:
                return replace(self.known, service_user=Answer(self._service_user()))
            case Question.PATH:
                return replace(self.known, path=Answer(self._path_or_hidden()))
            case Question.TITLE:
                return replace(self.known, title=Answer(self._title()))
            case _:
                assert_never(question)

    def _service_user(self) -> str | None:
        """None where it cannot be had: then nobody is taken for the service user."""
        user = self._memory.service_user
        if user is None:
            try:
                user = ServiceUser(self._portal.self_id())
            except IntakeError:
                user = ServiceUser(None)
            self._memory.keep_service_user(user)
        return user.id

    def _path_or_hidden(self) -> Path | None:
        """None: the portal hides the folder, and it is in none of the ruled rooms, for those can be seen."""
        try:
            if self.folder_id is not None:
                try:
                    return self._path(self.folder_id)
                except NotFoundError:
                    pass  # the folder is gone, but the file may have been moved before that
            return self._path_of_file()
        except ForbiddenError:
            self._see_every_room()
            return None

    def _path_of_file(self) -> Path:
        self.folder_id = self._known_file().folder_id
        try:
            return self._path(self.folder_id)
        except NotFoundError as error:
            raise TransientError(
                f"folder {self.folder_id}, which the portal names for file {self._webhook.entry.id}, is not found"
            ) from error

    def _path(self, folder_id: EntryId) -> Path:
        path = self._memory.path(folder_id)
        if path is None:
            path = tuple(Folder(folder.id, folder.title) for folder in self._portal.folder_path(folder_id))
            if not path:
                raise TransientError(f"the portal names no folder on the path to folder {folder_id}")
            self._memory.keep_path(folder_id, path)
        return path

    def _see_every_room(self) -> None:
        """TransientError names a ruled room that the service user may not see: the hidden folder may be in it."""
        for room in dict.fromkeys(room for rule in self._rules.enabled for room in rule.rooms):
            try:
                self._portal.folder(entry_id(room))
            except NotFoundError:
                continue  # a room that does not exist hides nothing
            except ForbiddenError as error:
                raise TransientError(f"the service user cannot see room {room}: make it a member there") from error

    def _title(self) -> str | None:
        try:
            return self._known_file().title or None
        except IntakeError:
            return None

    def _known_file(self) -> FileInfo:
        if self.file is None:
            try:
                self.file = self._portal.file(self._webhook.entry.id)
            except NotFoundError as error:
                raise FileGoneError from error
        return self.file
