"""The ordinary case: the file is moved within the portal's own storage and keeps its id."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from mover import plan
from mover.arrivals import Arrival
from mover.follow import Followed
from mover.last_check import LastCheck
from mover.plan import Progress
from mover.storage import Found, Source, Task
from mover.whereabouts import after, is_fresh, look
from shared.docspace.model import FileInfo, Operation
from shared.runtime.crash_points import CrashPoint, reached
from shared.wire.outcome import Outcome


@dataclass(frozen=True, slots=True)
class OwnStorage:
    """A `mover.storage.Storage`."""

    task: Task

    def source(self) -> Source | None:
        """Known from the event if the classifier's look was a moment ago. Known too if other moves come first,
        because the file is looked at again right before its own.
        """
        event, ports = self.task.event, self.task.ports
        if event.folder_id is None or event.created_at is None or plan.same(event.folder_id, event.destination):
            return None
        needs_no_look = is_fresh(event.movable_at, ports.clock()) or ports.portal.is_crowded()
        return Source(event.folder_id, event.title) if needs_no_look else None

    def look(self, sent: Progress | None) -> FileInfo | None:  # noqa: ARG002 - the other's
        return look(self.task.event, self.task.ports.portal)

    def find(self, sent: Progress | None) -> Found:
        event, portal = self.task.event, self.task.ports.portal
        file = look(event, portal, None if self.task.alone else event.folder_id)
        if sent is None or sent.operation_id is None or plan.is_filed(event, file):
            return Found(file, None)
        followed = portal.follow(Operation(id=sent.operation_id, finished=False))
        return Found(self.look(sent), followed)

    def last_check(
        self, source: Source, looked_at: float | None, look: Callable[[], FileInfo | Outcome]
    ) -> LastCheck:
        clock = self.task.ports.clock
        return LastCheck(self.task.claim, Progress(clock(), source.folder_id, source.title), clock, looked_at, look)

    def send(self, check: LastCheck) -> Operation:
        event = self.task.event
        return self.task.ports.portal.move(event.file_id, event.destination, alone=self.task.alone, note=check)

    def arrived(self, operation: Operation, sent: Progress) -> Arrival:
        event, ports = self.task.event, self.task.ports
        if not operation.finished:
            self.task.claim.note(sent)
            reached(CrashPoint.MOVE_ID_NOTED)
        arrival = ports.portal.arrival(operation, event.file_id)
        reached(CrashPoint.MOVE_FOLLOWED)
        file = arrival.file
        if file is not None and plan.is_filed(event, file) and not plan.is_another(event, file):
            return arrival
        file = after(arrival.followed, event, partial(self.look, sent), ports.wait)
        return Arrival(file, arrival.followed)

    def earlier_attempt(self, sent: Progress, file: FileInfo, followed: Followed | None) -> Outcome | None:
        return plan.earlier_attempt(self.task.event, file, sent, followed, self.task.ports.clock())

    def gone(self, sent: Progress | None, followed: Followed | None) -> Outcome:  # noqa: ARG002 - the other's
        return plan.gone()

    def take(self, file: FileInfo) -> None:
        """Records nothing: the file's id says whose it is."""
