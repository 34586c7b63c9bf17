"""Files one invoice in its folder, once, and says so only after it was seen there. Sequence only: `plan` decides.

Why not simply ask for the move and believe the answer: the portal's 200 means "queued"; a finished operation is
told to one reader only; one without an error may have done nothing; and a request without an answer may have been
carried out. So every attempt begins and ends with a look at where the file is, and what is sent is noted in the
ledger before it leaves, so that no restart leads to a second move while the first may be under way. The first look
of a first attempt is the classifier's, where that was a moment ago, or is made when the turn of the move has come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Protocol, assert_never

import msgspec

from mover import identity, plan, refusal
from mover.claims import Claim, ClaimLostError, Names, claim
from mover.follow import Followed
from mover.namesakes import Seen, with_namesakes
from mover.note import Note, NotSentError
from mover.plan import Progress
from mover.refusal import Folders
from mover.watch import Arrival
from mover.whereabouts import Files, is_fresh, source_of, whereabouts, whereabouts_after
from shared.docspace.errors import ForbiddenError, NotFoundError, RefusedError, TryLaterError
from shared.docspace.ids import is_own_storage
from shared.docspace.model import FileInfo, Operation
from shared.runtime.crash_points import CrashPoint, reached
from shared.store import released
from shared.store.keys import arrival_key, move_key
from shared.store.ledger import Done, Held, Ledger
from shared.text.codes import Code
from shared.wire.events import EntryId, InvoiceDetected, decode
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Outcome, Retry, Skip


class Portal(Files, Folders, Protocol):
    """`mover.grouped`: it may do for several files at once what it is asked for one."""

    seen: Seen

    def move(
        self, file_id: EntryId, destination: EntryId, /, *, alone: bool, note: Callable[[], None]
    ) -> Operation: ...
    def is_crowded(self) -> bool: ...
    def move_across(self, file_id: EntryId, destination: EntryId, /, *, note: Callable[[], None]) -> Operation: ...
    def arrival(self, operation: Operation, file_id: EntryId, /) -> Arrival: ...
    def follow(self, operation: Operation, /) -> Followed: ...


@dataclass(frozen=True, slots=True)
class Ports:
    host: str
    """The portal's host, which the claims of the first released version are named after."""
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
    identified = identity.identified(event, message, ports.portal)
    if not isinstance(identified, InvoiceDetected):
        return identified
    event = identified
    names = identity.names(event, ports.host, ports.ledger)
    outcome = _first_undone(names, event, message, ports)
    if isinstance(outcome, Done) and plan.overrides(message, outcome.result):
        if plan.has_new_id(event, outcome.result):
            return plan.filed_again(outcome.result)
        again = Names(f"{names.key}:{message.override}", created_at=event.created_at)
        outcome = _under(again, event, message, ports)
    return plan.already_filed(outcome.result, message.work_id) if isinstance(outcome, Done) else outcome


def _first_undone(names: Names, event: InvoiceDetected, message: Message, ports: Ports) -> Outcome | Done:
    """Do the work of those names; where an earlier upload has taken them, the work of the next."""
    outcome = _under(names, event, message, ports)
    for turn in count(2):
        if not (isinstance(outcome, Done) and plan.may_be_another(message, outcome.result)):
            break
        following = _under(names.turn(turn), event, message, ports)
        if isinstance(following, Skip):  # no file has the id: this is a twin of the upload that is done
            break
        outcome = following
    return outcome


def _under(names: Names, event: InvoiceDetected, message: Message, ports: Ports) -> Outcome | Done:
    """Do the work of those names if nobody else does; Done where it was done before."""
    match claim(ports.ledger, names, message):
        case Done() as done:
            return done
        case Held(message=holder) as held if holder and holder != message.message_id:
            return plan.same_upload(held)
        case Held():
            return plan.at_work()
        case Claim() as claimed:
            return _with_claim(claimed, event, message, ports)
        case found:
            assert_never(found)


def _with_claim(claimed: Claim, event: InvoiceDetected, message: Message, ports: Ports) -> Outcome:
    reached(CrashPoint.MOVE_CLAIMED)
    outcome: Outcome | None = None
    answered = claimed.progress is not None and claimed.progress.operation_id is not None
    alone = identity.keeps_failing(message) or answered  # of a mover that died, many may have had no answer
    try:
        with claimed.held():
            outcome = _Attempt(event, message.work_id, ports, claimed, alone).run(claimed.progress)
    finally:
        if not isinstance(outcome, Forward):  # else it is done, and nobody's any more
            claimed.release(forget=isinstance(outcome, Skip))
    return outcome


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try at one invoice, with the claim held."""

    event: InvoiceDetected
    work_id: str
    ports: Ports
    claim: Claim
    alone: bool

    def run(self, progress: Progress | None) -> Outcome:
        """`progress` is what an earlier attempt noted."""
        source = source_of(self.event) if progress is None else None
        if source is not None and self._needs_no_look_yet():
            return self._move(source, self.event.title, self.event.movable_at)
        sent = progress.operation_id if progress else None
        asks_first = progress is not None and plan.changes_id(self.event, progress.source)  # it tells the new id
        file: FileInfo | None = None
        followed: Followed | None = None
        looked_at = self.ports.clock()
        # looked at only now, so that nothing which another worker did before this claim is missed
        try:
            if not (sent and asks_first):
                file = self._whereabouts(progress, expected_in=self._hint(self.event.folder_id))
        except ForbiddenError:
            return refusal.of_the_file(self.event, self.ports.portal, sent=progress is not None)
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
        return plan.obstacle(self.event, file) or self._move(
            file.folder_id, file.title, looked_at, plan.modified(file)
        )

    def _needs_no_look_yet(self) -> bool:
        """The classifier's was a moment ago; or the turn of a move is far off, and will begin with a look."""
        return is_fresh(self.event.movable_at, self.ports.clock()) or self.ports.portal.is_crowded()

    def _move(
        self, source: EntryId, title: str, looked_at: float | None, modified_at: str | None = None
    ) -> Outcome:
        event, portal = self.event, self.ports.portal
        already: list[FileInfo] = []
        changes_id = plan.changes_id(event, source)
        if changes_id:
            already = portal.find_files(event.destination, title)
        progress = Progress(
            sent_at=self.ports.clock(),
            source=source,
            title=title,
            namesakes=tuple(namesake.id for namesake in already),
            modified_at=modified_at if changes_id else None,
        )
        look = None if changes_id else self._still_to_be_moved
        note = Note(self.claim, progress, self.ports.clock, looked_at, look)
        try:
            if changes_id:
                operation = portal.move_across(event.file_id, event.destination, note=note)
            else:
                operation = portal.move(event.file_id, event.destination, alone=self.alone, note=note)
        except ClaimLostError:
            return plan.claim_lost()
        except NotSentError as settled:
            return settled.outcome
        except (RefusedError, TryLaterError) as error:
            reached(CrashPoint.MOVE_REFUSED)
            if not error.maybe_done:
                self.claim.note(self.claim.progress)  # this one was not done; an earlier one may have been
            if isinstance(error, ForbiddenError | NotFoundError):
                return self._explained(str(error))
            raise
        reached(CrashPoint.MOVE_SENT)
        sent = msgspec.structs.replace(note.progress, operation_id=operation.id)
        if changes_id or not operation.finished:
            self.claim.note(sent)
            reached(CrashPoint.MOVE_ID_NOTED)
        return self._followed(operation, sent, changes_id=changes_id)

    def _still_to_be_moved(self) -> FileInfo:
        """The file as it is now. NotSentError where it is filed, gone or kept from being moved."""
        try:
            file = self._whereabouts(None, expected_in=self._hint(self.event.folder_id))
        except ForbiddenError:
            raise NotSentError(refusal.of_the_file(self.event, self.ports.portal)) from None
        if file is None:
            raise NotSentError(self._gone(None, None))
        if plan.is_filed(self.event, file):
            raise NotSentError(self._filed(file))
        if outcome := plan.obstacle(self.event, file):
            raise NotSentError(outcome)
        return file

    def _followed(self, operation: Operation, sent: Progress, *, changes_id: bool) -> Outcome:
        event, portal = self.event, self.ports.portal
        if changes_id:
            moved, followed = None, portal.follow(operation)
        else:
            arrival = portal.arrival(operation, event.file_id)
            moved, followed = arrival.file, arrival.followed
        reached(CrashPoint.MOVE_FOLLOWED)
        if moved is None or plan.is_another(event, moved) or not plan.is_filed(event, moved):
            try:
                moved = whereabouts_after(event, portal, sent, followed, wait=self.ports.wait, taken=self._is_taken)
            except ForbiddenError:
                return refusal.of_the_file(event, portal, sent=True)
        if moved is not None and plan.is_filed(event, moved):
            return self._filed(moved, followed)
        self.claim.note(sent)
        if moved is None:
            return self._gone(sent, followed)
        return plan.obstacle(event, moved) or plan.not_arrived(event, followed)

    def _explained(self, said: str) -> Outcome:
        file = self._whereabouts(self.claim.progress)
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
            for key, name in self._arrivals(file):
                self.ports.ledger.complete(key, name)
            reached(CrashPoint.MOVE_ARRIVAL_RECORDED)
            if self._became_anothers(file):
                sentence = f"another upload of that name became file {file.id} in the destination"
                return Retry(sentence, Code.NAME_TAKEN)
        result = plan.result_of(self.event, file, self.work_id, followed)
        result = with_namesakes(result, file, self.ports.portal, self.ports.ledger)
        self.claim.complete(msgspec.json.encode(result).decode())
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

    def _is_taken(self, file: FileInfo) -> bool:
        """Whether that file in the destination is another upload's: of this storage or of a third party's."""
        own = move_key(self.event.portal, file.id, file.version, plan.created(file), None)
        return isinstance(self.ports.ledger.peek(own), Done) or self._became_anothers(file)

    def _became_anothers(self, file: FileInfo) -> bool:
        found = [(self.ports.ledger.peek(key), name) for key, name in self._arrivals(file)]
        return any(isinstance(done, Done) and done.result != name for done, name in found)

    def _arrivals(self, file: FileInfo) -> list[tuple[str, str]]:
        """Under which key it is kept whose upload became that file, and our name there."""
        names = self.claim.names
        keys = [(arrival_key(self.event.portal, file.id, plan.created(file)), names.key)]
        if names.released:
            keys.append((released.arrival_key(self.ports.host, file.id), names.released))
        return keys

    def _hint(self, folder_id: EntryId | None) -> EntryId | None:
        return folder_id if not self.alone and is_own_storage(self.event.file_id) else None
