"""Files one invoice in its folder, once, and says so only after it was seen there. Sequence only: `plan` decides.

Why not simply ask for the move and believe the answer: the portal's 200 means "queued"; a finished operation is
told to one reader only; one without an error may have done nothing; and a request without an answer may have been
carried out. So every attempt begins and ends with a look at where the file is, and what is sent is noted in the
ledger before it leaves, so that no restart leads to a second move while the first may be under way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Protocol, assert_never

import msgspec

from mover import plan, refusal
from mover.operation import Followed
from mover.plan import Progress
from mover.proof import Files, look, whereabouts, whereabouts_after
from mover.refusal import Folders
from shared.claims import arrival_key, is_own_storage
from shared.crash_points import CrashPoint, reached
from shared.docspace.errors import ForbiddenError, NotFoundError, RefusedError, TryLaterError
from shared.docspace.model import FileInfo, Operation
from shared.events import EntryId, InvoiceDetected, decode
from shared.ledger import Done, Held, Ledger, Won
from shared.message import Message
from shared.outcome import Dead, Forward, Outcome, Retry, Skip

LEASE_S = 120.0
"""Longer than an attempt takes; whoever takes over from one that outlives it starts from what was noted."""

ATTEMPTS_TOGETHER = 2
"""One return says little of the file, as the portal may have been away for all. What was sent before goes alone."""


class Portal(Files, Folders, Protocol):
    """`mover.grouped`: it may do for several files at once what it is asked for one."""

    def move(self, file_id: EntryId, destination: EntryId, /, *, alone: bool) -> Operation: ...
    def follow(self, operation: Operation, /) -> Followed: ...


@dataclass(frozen=True, slots=True)
class Ports:
    portal_name: str
    """The portal's host: file ids are unique within it."""
    portal: Portal
    ledger: Ledger
    clock: Callable[[], float]
    """Seconds since the epoch."""
    wait: Callable[[float], bool]
    """Sleeps so many seconds; True, at once, when the worker is stopping."""


def handle(message: Message, ports: Ports) -> Outcome:
    """Raises PermanentError for an unreadable message or what the portal declines, TransientError for the rest.

    Repeating is safe at any point: what was filed is forwarded again for the message that filed it.
    """
    event = decode(message.body, InvoiceDetected)
    version = event.version
    if version is None and is_own_storage(event.file_id):
        try:
            unversioned = look(ports.portal, event.file_id, None if _keeps_failing(message) else event.folder_id)
        except ForbiddenError:
            return refusal.of_the_file(event, ports.portal)
        if unversioned is None:
            return plan.gone(event, None, ports.clock())
        version = unversioned.version
    key = plan.claim_key(ports.portal_name, event, version)
    outcome = _first_undone(key, event, message, ports)
    if isinstance(outcome, Done) and plan.overrides(message, outcome.result):
        if plan.has_new_id(event, outcome.result):
            return plan.filed_again(outcome.result)
        outcome = _under(f"{key}:{message.override}", event, message, ports)
    return plan.already_filed(outcome.result, message.work_id) if isinstance(outcome, Done) else outcome


def _first_undone(key: str, event: InvoiceDetected, message: Message, ports: Ports) -> Outcome | Done:
    """Do the work named `key`; where an earlier upload has taken that name, the work of the next."""
    outcome = _under(key, event, message, ports)
    for turn in count(2):
        if not (isinstance(outcome, Done) and plan.may_be_another(message, outcome.result)):
            break
        following = _under(f"{key}:{turn}", event, message, ports)
        if isinstance(following, Skip):  # no file has the id: this is a twin of the upload that is done
            break
        outcome = following
    return outcome


def _keeps_failing(message: Message) -> bool:
    """Then it is handled alone, so that it neither slows its neighbours nor splits their group."""
    return message.attempt > ATTEMPTS_TOGETHER


def _under(key: str, event: InvoiceDetected, message: Message, ports: Ports) -> Outcome | Done:
    """Do the work named `key` if nobody else does; Done where it was done before."""
    claimed_at = ports.clock()
    match ports.ledger.claim(key, LEASE_S):
        case Done() as done:
            return done
        case Held():  # no floor: the holder is done in a moment, and if it died, the ladder outlasts its lease
            return Retry("another worker is moving this file")
        case Won() as won:
            reached(CrashPoint.MOVE_CLAIMED)
            outcome: Outcome | None = None
            try:
                progress = plan.progress_from(won.progress)
                alone = _keeps_failing(message) or progress is not None
                attempt = _Attempt(event, message.work_id, ports, key, won.token, claimed_at, alone)
                outcome = attempt.run(progress)
            finally:
                if not isinstance(outcome, Forward):  # else it is done, and nobody's any more
                    ports.ledger.release(key, won.token)  # to the next attempt at once, with what was noted
            return outcome
        case claimed:
            assert_never(claimed)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try at one invoice, with the claim held."""

    event: InvoiceDetected
    work_id: str
    ports: Ports
    key: str
    token: str
    claimed_at: float
    alone: bool

    def run(self, progress: Progress | None) -> Outcome:
        """`progress` is what an earlier attempt noted."""
        sent = progress.operation_id if progress else None
        asks_first = progress is not None and plan.changes_id(self.event, progress.source)  # it tells the new id
        file: FileInfo | None = None
        followed: Followed | None = None
        # looked at only now, so that nothing which another worker did before this claim is missed
        try:
            if not (sent and asks_first):
                file = self._whereabouts(progress, expected_in=self._hint(self.event.folder_id))
        except ForbiddenError:
            if progress:
                raise
            return refusal.of_the_file(self.event, self.ports.portal)
        if sent and not plan.is_filed(self.event, file):
            followed = self.ports.portal.follow(Operation(id=sent, finished=False))
            file = self._whereabouts(progress, followed.files)
        if file is None:
            return self._gone(progress, followed)
        if plan.is_filed(self.event, file):
            return self._filed(file, followed)
        if progress:
            outcome = plan.earlier_attempt(self.event, file, progress, followed, self.ports.clock())
            if outcome:
                return outcome
        return (
            plan.obstacle(self.event, file)
            or plan.claim_too_old(self.claimed_at, LEASE_S, self.ports.clock())
            or self._move(file)
        )

    def _move(self, file: FileInfo) -> Outcome:
        event, portal = self.event, self.ports.portal
        namesakes: list[FileInfo] = []
        changes_id = plan.changes_id(event, file.folder_id)
        if changes_id:
            namesakes = portal.find_files(event.destination, file.title)
        progress = Progress(
            sent_at=self.ports.clock(),
            source=file.folder_id,
            title=file.title,
            namesakes=tuple(namesake.id for namesake in namesakes),
        )
        self._note(progress)
        reached(CrashPoint.MOVE_NOTED)
        try:
            operation = portal.move(event.file_id, event.destination, alone=self.alone or changes_id)
        except (RefusedError, TryLaterError) as error:
            reached(CrashPoint.MOVE_REFUSED)
            if not error.maybe_done:
                self._note(None)
            if isinstance(error, NotFoundError):  # a missing file would be a 403
                return plan.no_destination(event)
            if isinstance(error, ForbiddenError):
                return self._explained(str(error))
            raise
        reached(CrashPoint.MOVE_SENT)
        sent = msgspec.structs.replace(progress, operation_id=operation.id)
        if changes_id or not operation.finished:
            self._note(sent)
            reached(CrashPoint.MOVE_ID_NOTED)
        followed = portal.follow(operation)
        reached(CrashPoint.MOVE_FOLLOWED)
        moved = whereabouts_after(
            event,
            portal,
            progress,
            followed,
            wait=self.ports.wait,
            taken=self._is_taken,
            expected_in=self._hint(event.destination),
        )
        if moved is not None and plan.is_filed(event, moved):
            return self._filed(moved, followed)
        self._note(sent)
        return plan.not_arrived(event, followed) if moved else self._gone(sent, followed)

    def _explained(self, said: str) -> Outcome:
        file = look(self.ports.portal, self.event.file_id)
        if file is not None and plan.is_filed(self.event, file):
            return self._filed(file)
        return refusal.of_the_move(self.event, file, self.ports.portal, said)

    def _gone(self, progress: Progress | None, followed: Followed | None) -> Outcome:
        outcome = plan.gone(self.event, progress, self.ports.clock())
        if not isinstance(outcome, Dead):
            return outcome
        # uploads of one name may also have been versions of one file, which arrived once for all of them
        file = self._whereabouts(progress, followed.files if followed else (), shared=True)
        return self._filed(file, followed, shared=True) if file and plan.is_filed(self.event, file) else outcome

    def _filed(self, file: FileInfo, followed: Followed | None = None, *, shared: bool = False) -> Outcome:
        """Recorded before it is said: a crash between the two is told apart by the message's id."""
        reached(CrashPoint.MOVE_FILED)
        if not plan.same(file.id, self.event.file_id) and not shared:
            self.ports.ledger.complete(self._arrival(file.id), self.key)
            reached(CrashPoint.MOVE_ARRIVAL_RECORDED)
            if self._is_taken(file.id):
                return Retry(f"another upload of that name became file {file.id} in the destination")
        result = plan.result_of(self.event, file, self.work_id, followed)
        self.ports.ledger.complete(self.key, msgspec.json.encode(result).decode())
        reached(CrashPoint.MOVE_RECORDED)
        return Forward(result.filed)

    def _whereabouts(
        self,
        progress: Progress | None,
        moved: tuple[EntryId, ...] = (),
        expected_in: EntryId | None = None,
        *,
        shared: bool = False,
    ) -> FileInfo | None:
        """`shared`: even if another upload became that file."""
        taken = (lambda _: False) if shared else self._is_taken
        return whereabouts(self.event, self.ports.portal, progress, moved, expected_in, taken=taken)

    def _is_taken(self, file_id: EntryId) -> bool:
        """Whether that file in the destination is another upload's."""
        standing = self.ports.ledger.peek(self._arrival(file_id))
        return isinstance(standing, Done) and standing.result != self.key

    def _arrival(self, file_id: EntryId) -> str:
        return arrival_key(self.ports.portal_name, file_id)

    def _hint(self, folder_id: EntryId | None) -> EntryId | None:
        return folder_id if not self.alone and is_own_storage(self.event.file_id) else None

    def _note(self, progress: Progress | None) -> None:
        text = msgspec.json.encode(progress).decode() if progress else ""
        self.ports.ledger.note(self.key, self.token, text)
