"""Follows one queued move by looking for its files, and reports each file as soon as it is in the destination.

A file is in its place before the operation says that it ended, and a look is never out of date
(docs/explanation/portal.md, "Costs"). So if the move is of one file, its operation is asked only when the file is
late, and once to clear its record. If the move is of many files, a page of them costs the portal as much as moving
four, while the operation's answer is small. So the operation is asked first, and the files are looked for half of
them at a time.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from mover.follow import OVER, Followed, Word
from mover.pace import Pace
from mover.slots import Slot, Slots
from shared.docspace.deadline import within
from shared.docspace.model import FileInfo, Operation
from shared.errors import IntakeError
from shared.wire.events import EntryId

LATE = 2.0
"""If a move takes this many times as long as usual, its operation is asked too."""
ASK_FROM_S, ASK_EVERY_S = 0.3, 2.0
"""The operation is not asked sooner than this, and not more often."""

LOOKS_A_GROUP = 2
"""How often a group's files are looked for. Each look may read as many pages as the burst is long. With fewer
looks, the first files wait longer."""


LAST_LOOK_S = 15.0
"""For the calls that are under way when the patience ends."""


class Portal(Protocol):
    def operation(self, operation_id: str, /) -> Operation | None: ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one file of a move."""

    file: FileInfo | None
    """The file as it was seen in the destination; None if it was not."""
    followed: Followed
    """What the operation said; if it was not asked, that it is running."""


Look = Callable[[Sequence[EntryId]], dict[str, FileInfo]]
"""Returns the files that are in the destination now, by their ids as texts. A file that it misses may be there
all the same."""


class Arrivals:
    """The files of one operation. One thread runs it; any thread may ask for an `arrival`."""

    def __init__(
        self,
        operation: Operation,
        file_ids: Sequence[EntryId],
        *,
        look: Look,
        portal: Portal,
        slots: Slots,
        slot: Slot,
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
        self._part = math.ceil(self._count / LOOKS_A_GROUP)
        self._look = look
        self._portal = portal
        self._slots = slots
        self._slot = slot
        self._pace = pace
        self._clock = clock
        self._wait = wait
        self._asked_at = -ASK_EVERY_S

    def run(self) -> None:
        """Run until all files were seen, the operation ended or the patience did. Call it once; it raises
        nothing.
        """
        word = Followed(Word.RUNNING, self._operation.progress, self._operation.error, self._operation.files)
        try:
            with within(self._pace.patience_s(self._count) + LAST_LOOK_S):
                word = self._until_over(word)
        finally:
            for _, told in self._left.values():
                told.set_result(Arrival(None, word))
            if word.word in OVER:
                self._slot.end()
            else:
                self._slots.read_later(self._slot)

    def arrival(self, file_id: EntryId) -> Arrival:
        """Waits until it is known what became of the file."""
        return self._awaited[str(file_id)][1].result()

    def _until_over(self, word: Followed) -> Followed:
        began, passed_s = self._clock(), 0.0
        give_up_s = self._pace.patience_s(self._count)
        waits = self._pace.waits(self._count)
        while True:
            if self._wait(self._next_wait_s(waits, word, passed_s)):
                return Followed(Word.STOPPING, word.progress)
            passed_s = self._clock() - began
            if self._count > 1:
                word, wanted = self._heard(word, passed_s)
            else:
                wanted = self._all_left()
            if wanted:
                self._look_once(wanted, word)
            if not self._left:
                self._pace.arrived(self._count, passed_s)
                return word
            if word.word in OVER:
                return word  # and the files were looked for since
            if passed_s > give_up_s:
                return word
            if self._count == 1 and self._is_late(passed_s):
                word = self._asked(word)

    def _next_wait_s(self, waits: Iterator[float], word: Followed, passed_s: float) -> float:
        """The wait before the next look. For a group it is chosen so that enough files have moved by then."""
        done = self._count - len(self._left) + len(self._done(word))
        if self._count == 1 or not done:
            return next(waits)
        missing = self._part - len(self._done(word))
        return self._pace.wait_s(passed_s, missing / done * passed_s)

    def _heard(self, word: Followed, passed_s: float) -> tuple[Followed, list[EntryId]]:
        """What the operation of a group says, and the files to look for now."""
        heard = self._asked(word)
        if heard.word is Word.UNKNOWN and not self._is_late(passed_s):
            return word, self._all_left()  # it ended and another reader was told, or the portal lost track of it
        if heard.word in OVER:
            self._slot.end()  # the next may begin while these are looked for
            return heard, self._all_left()
        if heard is word and self._is_late(passed_s):
            return word, self._all_left()  # it cannot be asked
        done = self._done(heard)
        return heard, done if len(done) >= min(self._part, len(self._left)) else []

    def _all_left(self) -> list[EntryId]:
        return [file_id for file_id, _ in self._left.values()]

    def _done(self, word: Followed) -> list[EntryId]:
        """The files that the operation says it has moved and that were not seen yet."""
        moved = {str(file_id) for file_id in word.files}
        return [file_id for key, (file_id, _) in self._left.items() if key in moved]

    def _look_once(self, wanted: Sequence[EntryId], word: Followed) -> None:
        try:
            seen = self._look(wanted)
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
