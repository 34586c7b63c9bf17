"""Asks the portal what a decision needs, and nothing else. One `Inquiry` per webhook; `Memory` outlives it."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, assert_never

from shared.deciding.fitting import as_ruled
from shared.deciding.memory import HIDDEN, Memory, Path, SeenFile, ServiceUser
from shared.docspace.errors import ForbiddenError, NotFoundError, PortalFaultError
from shared.docspace.field import moment
from shared.docspace.ids import differ
from shared.docspace.model import FileInfo, FolderInfo
from shared.docspace.payload import Webhook
from shared.errors import IntakeError, TransientError
from shared.rules.decide import Answer, Ask, Known, Match, NoMatch, Question, decide
from shared.rules.ids import entry_id, id_text
from shared.rules.model import RuleSet
from shared.text.codes import Code
from shared.wire.events import EntryId


class Portal(Protocol):
    """The calls of `shared.docspace.client.Client` that an inquiry makes."""

    def file(self, file_id: EntryId) -> FileInfo: ...

    def folder(self, folder_id: EntryId) -> FolderInfo: ...

    def folder_path(self, folder_id: EntryId) -> tuple[FolderInfo, ...]: ...

    def self_id(self) -> str: ...


class FileGoneError(Exception):
    """There is nothing to decide."""

    def __init__(self, reason: str = "the file no longer exists") -> None:
        super().__init__(reason)


class Inquiry:
    """Finds out about one webhook's entry. What it has learnt stays readable after an error."""

    def __init__(
        self,
        webhook: Webhook,
        rules: RuleSet,
        portal: Portal,
        memory: Memory,
        clock: Callable[[], float] = time.time,
        *,
        anew: bool = False,
    ) -> None:
        """`clock`: seconds since the epoch. `anew`: where its folder lies is asked, whatever is remembered."""
        self._webhook = webhook
        self._rules = rules
        self._portal = portal
        self._memory = memory
        self._clock = clock
        self._anew = anew
        self.seen: SeenFile | None = None
        """What the portal said about the file, if it was asked and answered."""
        self.folder_id = webhook.entry.parent_id
        self.known = Known()

    @property
    def file(self) -> FileInfo | None:
        return self.seen.file if self.seen else None

    def decision(self) -> Match | NoMatch:
        """What the rules decide. TransientError while the portal cannot say, FileGoneError after a 404."""
        while True:  # every round answers one more of three questions
            decision = decide(self._rules, self._webhook, self.known)
            if not isinstance(decision, Ask):
                return decision
            self.known = self._with_answer(decision.question)

    def path_if_remembered(self) -> Path:
        """Where its folder lay within the last minute. Nobody is asked; empty where it is not known."""
        return () if self.folder_id is None else self._memory.path(self.folder_id) or ()

    def path_if_easy(self) -> Path:
        """The path for its room's name alone: one call at most, and empty where it fails."""
        if self.folder_id is None:
            return ()
        try:
            return self._path(self.folder_id)
        except IntakeError:
            return ()  # HIDDEN too

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
            except PortalFaultError:
                raise  # nothing is to be had now; the answer of later is worth the wait
            except IntakeError:
                user = ServiceUser(None)
            self._memory.keep_service_user(user)
        return user.id

    def _path_or_hidden(self) -> Path | None:
        """None: the portal hides the folder, and it is in none of the ruled rooms, for those can be seen."""
        try:
            if self.folder_id is not None:
                try:
                    return self._seen(self.folder_id)
                except NotFoundError:
                    pass  # the folder is gone, but the file may have been moved before that
            return self._path_of_file()
        except ForbiddenError:
            self._outside_our_rooms(self.folder_id)
            return None

    def _path_of_file(self) -> Path | None:
        self.folder_id = self._known_file().folder_id
        try:
            return self._seen(self.folder_id)
        except NotFoundError as error:
            raise TransientError(
                f"folder {self.folder_id}, which the portal names for file {self._webhook.entry.id}, is not found",
                code=Code.PORTAL_ERROR,
            ) from error

    def _seen(self, folder_id: EntryId) -> Path | None:
        """None: it is hidden, and in none of the ruled rooms."""
        if self._anew:
            self._memory.forget(folder_id)
        path = self._path(folder_id)
        if path is HIDDEN and self._memory.is_outside(folder_id):
            return None
        if path is HIDDEN and self._memory.hidden_rooms is None:
            hidden = self._hidden_rooms()
            self._memory.forget(folder_id)
            path = self._path(folder_id)  # once more: only what is hidden while our rooms are seen is outside
            is_outside = not hidden and not self._rules.by_room_tests and self._memory.last_path(folder_id) is None
            if path is HIDDEN and is_outside:
                self._memory.keep_outside(folder_id)
        if path is HIDDEN:
            self._outside_our_rooms(folder_id)
            return None
        return path

    def _path(self, folder_id: EntryId) -> Path:
        """HIDDEN where the service user may not see the folder."""
        path = self._memory.path(folder_id)
        if path is None:
            try:
                path = tuple(map(as_ruled, self._portal.folder_path(folder_id)))
            except ForbiddenError:
                path = HIDDEN
            else:
                if not path:
                    sentence = f"the portal names no folder on the path to folder {folder_id}"
                    raise TransientError(sentence, code=Code.PORTAL_ERROR)
            self._memory.keep_path(folder_id, path)
        return path

    def _outside_our_rooms(self, folder_id: EntryId | None) -> None:
        """Returns if a hidden folder is in none of the ruled rooms; TransientError where it may be in a hidden
        one.
        """
        hidden = self._hidden_rooms()
        label = f"folder {folder_id}" if folder_id is not None else f"file {self._webhook.entry.id}"
        last = None if folder_id is None else self._memory.last_path(folder_id)
        if last is not None:
            ruled = self._rooms()
            for room in (id_text(step.id) for step in last):
                # the service user may have been removed since the rooms were looked at
                if room in hidden or (room in ruled and self._is_hidden(room)):
                    raise TransientError(
                        f"the service user cannot see room {room} any more, in which {label} lies: "
                        "make it a member there",
                        code=Code.HIDDEN,
                    )
        elif hidden:
            raise TransientError(
                f"the service user cannot see {label}, which may lie in room {' or '.join(sorted(hidden))} "
                "of the rules, hidden from it too: make it a member there",
                code=Code.HIDDEN,
            )

    def _rooms(self) -> dict[str, None]:
        """The rules', each once, in their order."""
        return dict.fromkeys(room for rule in self._rules.enabled for room in rule.rooms)

    def _hidden_rooms(self) -> frozenset[str]:
        """Of the rules' rooms; asked once a minute, whatever is uploaded."""
        hidden = self._memory.hidden_rooms
        return self._memory.asking.call(None, self._ask_for_rooms) if hidden is None else hidden

    def _ask_for_rooms(self) -> frozenset[str]:
        hidden = self._memory.hidden_rooms  # another thread may just have asked
        if hidden is None:
            hidden = frozenset(room for room in self._rooms() if self._is_hidden(room))
            self._memory.keep_hidden_rooms(hidden, all_known=not self._rules.by_room_tests)
        return hidden

    def _is_hidden(self, room: str) -> bool:
        try:
            self._portal.folder(entry_id(room))
        except NotFoundError:
            return False  # a room that does not exist hides nothing
        except ForbiddenError:
            return True
        return False

    def _title(self) -> str | None:
        """None where it cannot be had: then the payload's serves. TransientError where that has none either."""
        try:
            return self._known_file().title or None
        except TransientError:
            if not self._webhook.entry.title:
                raise
        except IntakeError:
            pass
        return None

    def _known_file(self) -> FileInfo:
        if self.seen is None:
            try:
                seen = self._memory.file_of(self._webhook, self._ask_for_file)
            except NotFoundError as error:
                raise FileGoneError from error
            if differ(moment(self._webhook.entry.created_at), seen.file.created_at):
                raise FileGoneError("the file no longer exists: the portal gave its id to another one")
            self.seen = seen
        return self.seen.file

    def _ask_for_file(self) -> SeenFile:
        at = self._clock()
        return SeenFile(self._portal.file(self._webhook.entry.id), at)
