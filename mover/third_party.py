"""Files in third-party storage. An id there is a path, so the next upload of the same name has the same id. Only
the second of the upload tells the two apart. A move gives the file a new id, which only its operation tells.

All that only such files need is in this module.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count

from mover import names, plan
from mover.arrivals import Arrival
from mover.follow import Followed, Word
from mover.last_check import LastCheck
from mover.names import Names
from mover.plan import Progress
from mover.storage import Found, Source, Task
from mover.whereabouts import after, by_id, look
from shared.docspace.ids import is_own_storage
from shared.docspace.model import FileInfo, Operation
from shared.runtime.crash_points import CrashPoint, reached
from shared.store.keys import move_key
from shared.store.ledger import Done
from shared.text.codes import Code
from shared.wire.events import EntryId, InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import Dead, Outcome, Retry, Skip


def changes_id(event: InvoiceDetected) -> bool:
    """Whether the move crosses into or out of third-party storage, or lies within it."""
    return not (is_own_storage(event.file_id) and is_own_storage(event.destination))


def has_new_id(event: InvoiceDetected, done: Done) -> bool:
    """Whether the move gave the file another id. Then nothing is found by the old one."""
    return not plan.same(plan.result_from(done.result).filed.file_id, event.file_id)


def first_undone(do: Callable[[Names], Outcome | Done], of: Names, message: Message) -> Outcome | Done:
    """`do` the work under these names. If an earlier upload of the same second has done it under them, `do` it
    under the next.
    """
    outcome = do(of)
    for turn in count(2):
        if not (isinstance(outcome, Done) and _may_be_another(message, outcome)):
            break
        following = do(of.of_turn(turn))
        if isinstance(following, Skip):  # no file has the id: this is a twin of the upload that is done
            break
        outcome = following
    return outcome


def _may_be_another(message: Message, done: Done) -> bool:
    """Whether the finished work may be that of an earlier upload.

    It is not assumed if the portal did not tell the end of the move: the file with that id may then be the same
    one, still on its way.
    """
    result = plan.result_from(done.result)
    moved_to_new_id = not plan.same(result.filed.file_id, result.filed.source_file_id)
    return result.ended and moved_to_new_id and result.message_id != message.work_id


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """A `mover.storage.Storage`."""

    task: Task

    def source(self) -> None:
        """None: the file is always looked at first."""

    def look(self, sent: Progress | None) -> FileInfo | None:
        return self._whereabouts(sent, None) if sent else look(self.task.event, self.task.ports.portal)

    def find(self, sent: Progress | None) -> Found:
        """As in `Storage`. The operation is asked first, because it tells the new id."""
        if sent is None:
            return Found(look(self.task.event, self.task.ports.portal, self._expected_in()), None)
        followed = None
        if sent.operation_id is not None:
            followed = self.task.ports.portal.follow(Operation(id=sent.operation_id, finished=False))
        return Found(self._whereabouts(sent, followed), followed)

    def last_check(
        self,
        source: Source,
        looked_at: float | None,
        look: Callable[[], FileInfo | Outcome],  # noqa: ARG002 - what lies at the path is the file
    ) -> LastCheck:
        """Notes which files of that title are in the destination before the move."""
        ports = self.task.ports
        before = ports.portal.find_files(self.task.event.destination, source.title)
        progress = Progress(
            sent_at=ports.clock(),
            source=source.folder_id,
            title=source.title,
            namesakes=tuple(file.id for file in before),
            modified_at=source.modified_at,
        )
        return LastCheck(self.task.claim, progress, ports.clock, looked_at, None)

    def send(self, check: LastCheck) -> Operation:
        event = self.task.event
        return self.task.ports.portal.move_across(event.file_id, event.destination, note=check)

    def arrived(self, operation: Operation, sent: Progress) -> Arrival:
        ports = self.task.ports
        self.task.claim.note(sent)
        reached(CrashPoint.MOVE_ID_NOTED)
        followed = ports.portal.follow(operation)
        reached(CrashPoint.MOVE_FOLLOWED)
        file = after(followed, self.task.event, partial(self._whereabouts, sent, followed), ports.wait)
        return Arrival(file, followed)

    def earlier_attempt(self, sent: Progress, file: FileInfo, followed: Followed | None) -> Outcome | None:
        """As in `Storage`. Within one storage a second move would find the file in its place; between two it
        would make a second copy.
        """
        event, now = self.task.event, self.task.ports.clock()
        outcome = plan.earlier_attempt(event, file, sent, followed, now)
        settled_at = sent.sent_at + plan.SETTLE_S
        if outcome is None and followed is not None and followed.word is Word.UNKNOWN and now < settled_at:
            reason = "the portal lost the move operation: it may still happen"
            return Retry(reason, Code.NOT_ARRIVED, settled_at - now)
        return outcome

    def gone(self, sent: Progress | None, followed: Followed | None) -> Outcome | FileInfo:
        """As in `Storage`. At the end of all waiting, a file is accepted that another upload became: two
        versions of one file arrive as one.
        """
        event = self.task.event
        if sent is None:
            return plan.gone()
        if self.task.ports.clock() < sent.sent_at + plan.SETTLE_S:
            reason = f"the file left folder {sent.source} and is not in folder {event.destination} yet"
            return Retry(reason, Code.NOT_ARRIVED)
        file = self._whereabouts(sent, followed, shared=True)
        if file is not None and plan.is_filed(event, file):
            return file
        return Dead(
            f"the file left folder {sent.source} after a move was sent, but no {sent.title!r} "
            f"arrived in folder {event.destination}: look for it in both",
            Code.NOT_ARRIVED,
        )

    def take(self, file: FileInfo) -> Retry | None:
        """As in `Storage`. It is recorded under the new id, because a title alone does not say whose the file
        is.
        """
        if plan.same(file.id, self.task.event.file_id):
            return None
        for key, name in self._arrivals(file):
            self.task.ports.ledger.complete(key, name)
        reached(CrashPoint.MOVE_ARRIVAL_RECORDED)
        if self._became_anothers(file):
            sentence = f"another upload of that name became file {file.id} in the destination"
            return Retry(sentence, Code.NAME_TAKEN)
        return None

    def _whereabouts(self, sent: Progress, followed: Followed | None, *, shared: bool = False) -> FileInfo | None:
        """Find the file, in this order.

        First by an id that the operation told. Then by its old id, unless the next upload of that name has it by
        now. Then by its title in the destination: not a file in `namesakes`, which were there before the move, and
        unless `shared` not one that another upload became. At last, the next upload of that name at the old id. It
        comes last because, if it were moved instead, this upload would be filed and nobody would be told.
        """
        event, portal = self.task.event, self.task.ports.portal
        for file_id in followed.files if followed else ():
            file = by_id(portal, file_id)
            if plan.is_filed(event, file):
                return file
        there = look(event, portal)
        if there is not None and (sent.modified_at is None or plan.modified(there) == sent.modified_at):
            return there
        oldest_first = reversed(portal.find_files(event.destination, sent.title))  # as the moves were sent
        new = (file for file in oldest_first if file.id not in sent.namesakes)
        return next((file for file in new if shared or not self._is_taken(file)), there)

    def _is_taken(self, file: FileInfo) -> bool:
        """Whether that file in the destination belongs to another upload, of own or third-party storage."""
        own = move_key(self.task.event.portal, file.id, file.version, plan.created(file), None)
        return isinstance(self.task.ports.ledger.peek(own), Done) or self._became_anothers(file)

    def _became_anothers(self, file: FileInfo) -> bool:
        found = [(self.task.ports.ledger.peek(key), name) for key, name in self._arrivals(file)]
        return any(isinstance(done, Done) and done.result != name for done, name in found)

    def _arrivals(self, file: FileInfo) -> list[tuple[str, str]]:
        task = self.task
        return names.arrivals(task.event, task.ports.host, task.claim.names, file.id, plan.created(file))

    def _expected_in(self) -> EntryId | None:
        event = self.task.event
        return event.folder_id if not self.task.alone and is_own_storage(event.file_id) else None
