"""Follows one queued move by looking for its files: each is told as soon as it was seen in the destination.

The file lies in its place before the operation says that it ended, and a look never lags (docs/portal.md,
"Costs"). So the operation is asked only where a file does not come when it should, and once to clear its record.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from mover.operation import Followed, Word
from mover.pace import Pace
from mover.records import Record, Records
from shared.docspace.model import FileInfo, Operation
from shared.errors import IntakeError
from shared.events import EntryId

LATE = 2.0
"""Times what such a move usually takes: then the operation is asked too."""
ASK_FROM_S, ASK_EVERY_S = 0.3, 2.0
"""No sooner than this, and so far apart at least."""


class Portal(Protocol):
    def operation(self, operation_id: str, /) -> Operation | None: ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one file of a move."""

    file: FileInfo | None
    """As it was seen in the destination."""
    followed: Followed
    """What was heard of the operation; of one that was not asked, that it runs."""


Look = Callable[[Sequence[EntryId]], dict[str, FileInfo]]
"""Those of the files that are in the destination now, by their ids as texts. What it misses may still be there."""


class Watch:
    """Of one operation. One thread runs it; `arrival` may be asked by any."""

    def __init__(
        self,
        operation: Operation,
        file_ids: Sequence[EntryId],
        *,
        look: Look,
        portal: Portal,
        records: Records,
        record: Record,
        pace: Pace,
        clock: Callable[[], float],
        wait: Callable[[float], bool],
    ) -> None:
        self._operation = operation
        self._count = len(file_ids)
        self._awaited: dict[str, tuple[EntryId, Future[Arrival]]] = {
            str(file_id): (file_id, Future()) for file_id in file_ids
        }
        self._left = dict(self._awaited)
        self._look = look
        self._portal = portal
        self._records = records
        self._record = record
        self._pace = pace
        self._clock = clock
        self._wait = wait
        self._asked_at = -ASK_EVERY_S

    def run(self) -> None:
        """Until all were seen, the operation ended or patience did. To be called once; raises nothing."""
        word = Followed(Word.RUNNING, self._operation.progress, self._operation.error, self._operation.files)
        try:
            word = self._until_over(word)
        finally:
            for _, told in self._left.values():
                told.set_result(Arrival(None, word))
            if word.word in {Word.FINISHED, Word.UNKNOWN} and self._left:
                self._record.end()
            else:
                self._records.read_later(self._record)

    def arrival(self, file_id: EntryId) -> Arrival:
        """Waits until it is known."""
        return self._awaited[str(file_id)][1].result()

    def _until_over(self, word: Followed) -> Followed:
        began = self._clock()
        give_up_s = self._pace.patience_s(self._count)
        for wait_s in self._pace.waits(self._count):
            if self._wait(wait_s):
                return Followed(Word.STOPPING, word.progress)
            passed_s = self._clock() - began
            self._look_once(word)
            if not self._left:
                self._pace.arrived(self._count, passed_s)
                return word
            if word.word in {Word.FINISHED, Word.UNKNOWN}:
                return word  # and one look was made since
            if passed_s > give_up_s:
                return word
            if self._is_late(passed_s):
                word = self._asked(word)
        raise AssertionError  # the waits have no end

    def _look_once(self, word: Followed) -> None:
        try:
            seen = self._look([file_id for file_id, _ in self._left.values()])
        except IntakeError:
            return  # the move goes on without our watching
        for file_id in seen.keys() & self._left.keys():
            self._left.pop(file_id)[1].set_result(Arrival(seen[file_id], word))

    def _is_late(self, passed_s: float) -> bool:
        late_s = max(ASK_FROM_S, LATE * self._pace.move_s(self._count))
        is_late = passed_s > late_s and passed_s - self._asked_at >= ASK_EVERY_S
        if is_late:
            self._asked_at = passed_s
        return is_late

    def _asked(self, word: Followed) -> Followed:
        try:
            latest = self._portal.operation(self._operation.id)
        except IntakeError:
            return word
        if latest is None:
            return Followed(Word.UNKNOWN)
        over = Word.FINISHED if latest.finished else Word.RUNNING
        return Followed(over, latest.progress, latest.error, latest.files)
