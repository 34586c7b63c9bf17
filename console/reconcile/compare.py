"""Finds the invoices that no webhook brought: compares what lies in the ruled rooms with what the ledger knows.

It reads, and says what it found; publishing is its caller's. The rules decide by the very function that the
classifier uses.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from console.reconcile import event as sweep_event
from console.reconcile.dead_files import Subject
from shared.docspace.errors import RefusedError, ScopeMissingError, UnexplainedError
from shared.docspace.ids import differ, is_own_storage
from shared.docspace.model import FileInfo, FolderInfo, entry_time
from shared.errors import TransientError
from shared.events import DEFAULT_PORTAL, EntryId
from shared.ledger import Done, Free, Held
from shared.rules.decide import Answer, Known, Match, NoMatch, decide
from shared.rules.finding import Folder
from shared.rules.ids import entry_id, id_text
from shared.rules.model import Rule, RuleSet
from shared.store import released
from shared.store.keys import move_key
from shared.webhook import parse


class Portal(Protocol):
    def self_id(self) -> str: ...

    def file(self, file_id: EntryId, /) -> FileInfo: ...

    def files_below(self, folder_id: EntryId, since: datetime, /) -> Iterator[FileInfo]: ...

    def folder_path(self, folder_id: EntryId, /) -> tuple[FolderInfo, ...]: ...


class Claims(Protocol):
    def peek(self, key: str, /) -> Done | Held | Free: ...


class State(Enum):
    MISSED = "missed"
    """An invoice that nobody has begun with, or whose message is gone."""
    UNDER_WAY = "under way"
    FILED = "filed"
    DEAD = "dead letter"
    """A person must look: `dead list`."""
    DISCARDED = "discarded"
    """A person did, and put the dead letter away."""
    DONE = "already done"
    """Filed once, and in the room all the same: somebody put it back."""
    FRESH = "too fresh"
    """Its webhook may still come."""
    NO_INVOICE = "no invoice"


@dataclass(frozen=True, slots=True)
class Finding:
    file: FileInfo
    state: State
    reason: str = ""
    body: bytes = b""
    trigger: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    since: datetime
    until: datetime
    """What changed later is too fresh."""


class Sweep:
    def __init__(
        self,
        rules: RuleSet,
        portal: Portal,
        claims: Claims,
        host: str,
        dead: Collection[Subject],
        *,
        discarded: Callable[[], Mapping[str, float]],
        waits_s: float,
    ) -> None:
        """`dead` are the files that dead letters are about.

        `discarded`: when a person last discarded such a letter, in seconds since the epoch, by the file's id. Asked
        for an invoice that nobody has begun with.
        `waits_s`: a message that goes on with its invoice comes back sooner than that.
        """
        self._rules = rules
        self._dead: dict[str, list[datetime | None]] = defaultdict(list)
        for subject in dead:
            self._dead[subject.file_id].append(subject.created)
        self._discarded = discarded
        self._waits_s = waits_s
        self._portal = portal
        self._claims = claims
        self._host = host
        self._paths: dict[EntryId, tuple[Folder, ...] | None] = {}
        self._service_user: Answer[str] | None = None

    def rooms(self) -> tuple[EntryId, ...]:
        """Each of the rules' rooms once."""
        return tuple(dict.fromkeys(entry_id(room) for rule in self._rules.enabled for room in rule.rooms))

    def room(self, room: EntryId, window: Window) -> Iterator[Finding]:
        """Of every file below the room that changed within the window; TransientError, RefusedError."""
        for file in self._portal.files_below(room, window.since):
            yield self._finding(file, window)

    def files(self, file_ids: Iterable[EntryId], window: Window) -> Iterator[Finding]:
        """Of single files, by their ids; those that are gone are left out."""
        for file_id in file_ids:
            try:
                file = self._portal.file(file_id)
            except RefusedError:
                continue
            yield self._finding(file, window)

    def _finding(self, file: FileInfo, window: Window) -> Finding:
        if any(id_text(rule.destination) == id_text(file.folder_id) for rule in self._rules.enabled):
            return Finding(file, State.FILED)
        verdict = self._verdict(file)
        if isinstance(verdict, str):
            return Finding(file, State.NO_INVOICE, verdict)
        if file.modified_at is not None and file.modified_at > window.until:
            return Finding(file, State.FRESH, "its webhook may still come")
        return self._progress(file, *verdict)

    def _progress(self, file: FileInfo, body: bytes, rule: Rule, trigger: str) -> Finding:
        """Of an invoice: how far the pipeline has come with it."""
        claim = self._claim(file, parse(body).occurred_at)
        if isinstance(claim, Done):
            return Finding(file, State.DONE, f"it was filed in folder {rule.destination} and put back here")
        if self._is_dead(file):
            return Finding(file, State.DEAD, "it waits as a dead letter: see `intake dead list`")
        if self._is_under_way(file, claim):
            return Finding(file, State.UNDER_WAY, "a mover has begun with it")
        discarded_at = self._discarded().get(str(file.id))
        if discarded_at is not None and (file.modified_at is None or file.modified_at.timestamp() <= discarded_at):
            return Finding(file, State.DISCARDED, "a person discarded its dead letter")
        return Finding(file, State.MISSED, f'rule "{rule.name}"{_gone_silent(claim)}', body, trigger)

    def _is_dead(self, file: FileInfo) -> bool:
        """Not by a letter about a file that had this id before."""
        return any(not differ(told, file.created_at) for told in self._dead.get(str(file.id), ()))

    def _is_under_way(self, file: FileInfo, claim: Held | Free) -> bool:
        """What nobody has touched for long has lost its message: sent in anew, it is taken over and done once."""
        if isinstance(claim, Held):
            return True
        # uploads of one name share a claim in third-party storage, so that it belongs to no message there
        waits = bool(claim.message) or (claim.progress is not None and not is_own_storage(file.id))
        return waits and claim.idle_s is not None and claim.idle_s <= self._waits_s

    def _claim(self, file: FileInfo, uploaded_at: str | None) -> Done | Held | Free:
        """Of the first released version too, where it is about this file."""
        created = entry_time(file.created_at) if file.created_at else None
        found = self._claims.peek(move_key(DEFAULT_PORTAL, file.id, file.version, created, uploaded_at))
        if isinstance(found, Free) and found.progress is None:
            old = self._claims.peek(released.move_key(self._host, file.id, file.version, uploaded_at))
            if isinstance(old, Held) or (
                isinstance(old, Done) and released.is_same_file(created, None, old.completed_at)
            ):
                return old
        return found

    def _verdict(self, file: FileInfo) -> tuple[bytes, Rule, str] | str:
        """The event and the rule that takes it; or why none does."""
        reasons = ["no rule asks for uploads"]
        for trigger in filter(self._rules.listens_to, sweep_event.UPLOADS):
            body = sweep_event.body(file, trigger)
            decision = decide(self._rules, parse(body), self._known(file))
            if isinstance(decision, Match):
                return body, decision.rule, trigger
            if isinstance(decision, NoMatch):
                reasons.append(decision.reason)
        return reasons[-1]

    def _known(self, file: FileInfo) -> Known:
        if self._service_user is None:
            try:
                self._service_user = Answer(self._portal.self_id())
            except (RefusedError, ScopeMissingError, UnexplainedError):
                self._service_user = Answer(None)
        return Known(
            service_user=self._service_user, path=Answer(self._path(file.folder_id)), title=Answer(file.title)
        )

    def _path(self, folder_id: EntryId) -> tuple[Folder, ...] | None:
        if folder_id not in self._paths:
            try:
                found = self._portal.folder_path(folder_id)
            except RefusedError as error:
                raise TransientError(f"the path to folder {folder_id} cannot be had: {error}") from error
            self._paths[folder_id] = tuple(Folder(folder.id, folder.title) for folder in found)
        return self._paths[folder_id]


def _gone_silent(claim: Held | Free) -> str:
    if isinstance(claim, Held) or not (claim.message or claim.progress):
        return ""
    if claim.idle_s is None:
        return ", begun and left"
    return f", begun and left {claim.idle_s:.0f} s ago"
