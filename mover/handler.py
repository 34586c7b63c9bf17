"""Moves one invoice to its folder, once, and reports it only after it was seen there. `plan` decides.

The portal's answers are no proof. Its 200 means "queued". It tells a finished operation to one reader only. An
operation without an error may have done nothing, and a request without an answer may have been carried out. So
every attempt begins and ends with a look at where the file is. Each move is noted in the ledger before it is sent,
so that after a crash no second move is sent while the first may be under way. On a first attempt, the classifier's
look serves as the first, if it was a moment ago. Otherwise the file is looked at right before its move is sent.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

import msgspec

from mover import identity, plan, refusal, third_party
from mover.claims import Claim, ClaimLostError, claim
from mover.destinations import with_destination
from mover.follow import Followed
from mover.last_check import NotSentError
from mover.names import Names, names_of
from mover.namesakes import with_namesakes
from mover.own_storage import OwnStorage
from mover.plan import Progress
from mover.ports import Ports
from mover.storage import Source, Storage, Task
from mover.third_party import ThirdParty
from shared.docspace.deadline import handling
from shared.docspace.errors import ForbiddenError, NotFoundError, RefusedError, TryLaterError
from shared.docspace.model import FileInfo, Operation
from shared.runtime.crash_points import CrashPoint, reached
from shared.store.ledger import Done, Held
from shared.wire.events import InvoiceDetected, decode
from shared.wire.message import Message
from shared.wire.outcome import Forward, Outcome, Skip, about


@handling()
def handle(message: Message, ports: Ports) -> Outcome:
    """Raises PermanentError for an unreadable message or a refusal by the portal, TransientError for other
    failures.

    Repeating is safe at any point: a filed invoice is forwarded again for the message that filed it.
    """
    told = decode(message.body, InvoiceDetected)
    event = identity.identified(told, message, ports.portal)
    outcome = _handled(event, message, ports) if isinstance(event, InvoiceDetected) else event
    return replace(outcome, about=about(told)) if isinstance(outcome, Skip) else outcome


def _handled(event: InvoiceDetected, message: Message, ports: Ports) -> Outcome:
    names = names_of(event, ports.host, upgraded=ports.ledger.upgraded())
    do = partial(_under, event=event, message=message, ports=ports)
    done = third_party.first_undone(do, names, message) if names.shared_by_uploads else do(names)
    if isinstance(done, Done) and plan.overrides(message, done.result):
        if third_party.has_new_id(event, done):
            return plan.filed_again(done.result)
        done = do(names.overridden(message.override))
    return plan.already_filed(done.result, message.work_id) if isinstance(done, Done) else done


def _under(names: Names, event: InvoiceDetected, message: Message, ports: Ports) -> Outcome | Done:
    """Do the work under these names, if nobody else does. Returns Done if it was done before."""
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
    task = Task(event, ports, claimed, alone)
    storage = ThirdParty(task) if third_party.changes_id(event) else OwnStorage(task)
    try:
        with claimed.held():
            outcome = _Attempt(event, message.work_id, ports, claimed, storage).run(claimed.progress)
    finally:
        if not isinstance(outcome, Forward):  # else it is done, and the claim is complete
            claimed.release(forget=isinstance(outcome, Skip))
    return outcome


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try at one invoice, with the claim held."""

    event: InvoiceDetected
    work_id: str
    ports: Ports
    claim: Claim
    storage: Storage

    def run(self, earlier: Progress | None) -> Outcome:
        """`earlier` is the move that an earlier attempt noted; None if there is none."""
        source = self.storage.source() if earlier is None else None
        if source is not None:
            return self._move(source, self.event.movable_at)
        looked_at = self.ports.clock()
        # looked at after the claim was won, to see all that another worker did before
        file = self._to_be_moved(earlier)
        if not isinstance(file, FileInfo):
            return file
        return self._move(Source(file.folder_id, file.title, plan.modified(file)), looked_at)

    def _to_be_moved(self, earlier: Progress | None) -> FileInfo | Outcome:
        """The file as it is now. If it is filed, gone or cannot be moved, the outcome."""
        try:
            file, followed = self.storage.find(earlier)
        except ForbiddenError:
            return refusal.of_the_file(self.event, self.ports.portal, sent=earlier is not None)
        if file is None:
            return self._gone(earlier, followed)
        if plan.is_filed(self.event, file):
            return self._filed(file, followed)
        waits = self.storage.earlier_attempt(earlier, file, followed) if earlier else None
        return waits or plan.obstacle(self.event, file) or file

    def _move(self, source: Source, looked_at: float | None) -> Outcome:
        check = self.storage.last_check(source, looked_at, partial(self._to_be_moved, None))
        try:
            operation = self.storage.send(check)
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
        return self._sent(operation, msgspec.structs.replace(check.progress, operation_id=operation.id))

    def _sent(self, operation: Operation, sent: Progress) -> Outcome:
        try:
            arrival = self.storage.arrived(operation, sent)
        except ForbiddenError:
            return refusal.of_the_file(self.event, self.ports.portal, sent=True)
        file, followed = arrival.file, arrival.followed
        if file is not None and plan.is_filed(self.event, file):
            return self._filed(file, followed)
        self.claim.note(sent)
        if file is None:
            return self._gone(sent, followed)
        return plan.obstacle(self.event, file) or plan.not_arrived(self.event, followed)

    def _explained(self, said: str) -> Outcome:
        file = self.storage.look(self.claim.progress)
        if file is not None and plan.is_filed(self.event, file):
            return self._filed(file, None)
        return refusal.of_the_move(self.event, file, self.ports.portal, said)

    def _gone(self, sent: Progress | None, followed: Followed | None) -> Outcome:
        found = self.storage.gone(sent, followed)
        return self._recorded(found, followed) if isinstance(found, FileInfo) else found

    def _filed(self, file: FileInfo, followed: Followed | None) -> Outcome:
        reached(CrashPoint.MOVE_FILED)
        return self.storage.take(file) or self._recorded(file, followed)

    def _recorded(self, file: FileInfo, followed: Followed | None) -> Outcome:
        """Record the result before it is published. After a crash between the two, the message's id tells who
        published it.
        """
        result = plan.result_of(self.event, file, self.work_id, followed)
        result = with_namesakes(result, file, self.ports.portal, self.ports.ledger)
        result = with_destination(result, file, self.ports.portal)
        self.claim.complete(msgspec.json.encode(result).decode())
        reached(CrashPoint.MOVE_RECORDED)
        return Forward(result.filed)
