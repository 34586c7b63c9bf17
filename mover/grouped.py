"""The portal for the handling of one file: it joins what many files need at once into few calls.

If the portal refuses a group, the group is halved until the refused file is alone, so its neighbours are moved. If
there is no answer for a group, it is not sent again, and each member hears that its move may have been carried out.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple, Protocol

from cachetools import LRUCache

from mover.arrivals import Arrival, Arrivals
from mover.destinations import Destinations
from mover.follow import OVER, Followed, Following
from mover.lookups import Lookups
from mover.namesakes import Seen
from mover.pace import Pace
from mover.slots import AT_ONCE, WAIT_S, CrowdedError, Slot, Slots
from shared.docspace.errors import RefusedError, TryLaterError
from shared.docspace.folders import is_section, takes_forms_alone, unusable
from shared.docspace.model import FileInfo, FolderInfo, FolderPage, Operation
from shared.errors import IntakeError
from shared.threads.batching import Gather, Once
from shared.wire.events import EntryId

TITLES_A_LOOK = 1000
"""Titles that are looked for in one reading of a folder, which takes as long for one as for all."""

FILES_A_MOVE = 100
"""Files of one move: the portal moves these in seconds, and halving the group ends soon."""

MOVE_WAIT_S = 0.02
"""While a move is under way and another may begin, a file waits for others at most this long."""

SEND_WITHIN_S = 15.0
"""From a group's start until the last of its parts is sent: each member noted when it was sent, and holds a
lease."""

KEPT_OPERATIONS = 1000
"""How many operations are remembered with who watches them."""


class Client(Protocol):
    """The methods of `shared.docspace.client` that the mover calls."""

    def file(self, file_id: EntryId, /) -> FileInfo: ...
    def folder(self, folder_id: EntryId, /) -> FolderInfo: ...
    def folder_path(self, folder_id: EntryId, /) -> tuple[FolderInfo, ...]: ...
    def folder_page(self, folder_id: EntryId, start: int, /, *, count: int, oldest_first: bool) -> FolderPage: ...
    def find_files(self, folder_id: EntryId, /, *titles: str) -> list[FileInfo]: ...
    def move(self, file_ids: list[EntryId], destination: EntryId, /) -> Operation: ...
    def operation(self, operation_id: str, /) -> Operation | None: ...


class _Wanted(NamedTuple):
    file_id: EntryId
    note: Callable[[], None]
    """Called right before the move is sent. If it raises an IntakeError, the file is left out."""


class _Part:
    """Points to the answer about a file of a refused group: its half of the group, and its place there."""

    __slots__ = ("half", "place")

    def __init__(self, half: "Once[list[_Answer]]", place: int) -> None:
        self.half = half
        self.place = place


_Answer = Operation | _Part | IntakeError
"""The answer about one file of a group: its move, its half of a refused group, or why it was left out."""


class GroupedPortal:
    def __init__(self, client: Client, clock: Callable[[], float], wait: Callable[[float], bool]) -> None:
        """`clock` and `wait` as in the handler's ports."""
        self._client = client
        self._clock = clock
        self._wait = wait
        self._pace = Pace()
        self.seen = Seen()
        """The files in a folder, as answers showed them that were asked for another reason."""
        self.destinations = Destinations(client)
        """The names of folders."""
        self._lookups = Lookups(client, self._pace, self.seen)
        self._titled: Gather[EntryId, str, list[FileInfo]] = Gather(
            self._find_titled, limit=TITLES_A_LOOK, longest_wait_s=0.0, at_once=1
        )
        self._slots = Slots(client, self._pace)
        self._moves: Gather[EntryId, _Wanted, _Answer] = Gather(
            self._send, limit=FILES_A_MOVE, longest_wait_s=MOVE_WAIT_S, at_once=AT_ONCE, ends_later=True,
            give_up_s=WAIT_S,
        )  # fmt: skip
        self._lock = threading.Lock()
        self._arrivals: LRUCache[str, Arrivals] = LRUCache(KEPT_OPERATIONS)
        self._across: LRUCache[str, Slot] = LRUCache(KEPT_OPERATIONS)
        self._following = Following(client, clock, wait)

    def share_among(self, processes: int) -> None:
        """So many movers work, this one included. They share the operations that the portal allows."""
        self._slots.share_among(processes)

    def file(self, file_id: EntryId, expected_in: EntryId | None = None) -> FileInfo:
        """Like the client's. If the file is expected in a folder, it is looked for with the others expected
        there.
        """
        return self._lookups.file(file_id, expected_in)

    def folder(self, folder_id: EntryId) -> FolderInfo:
        return self._client.folder(folder_id)

    def folder_path(self, folder_id: EntryId) -> tuple[FolderInfo, ...]:
        return self._client.folder_path(folder_id)

    def find_files(self, folder_id: EntryId, title: str) -> list[FileInfo]:
        """Like the client's. Titles that are asked for while a folder is read are looked for together in the
        next reading.
        """
        return self._titled.call(folder_id, title)

    def _find_titled(self, folder_id: EntryId, titles: list[str]) -> list[list[FileInfo]]:
        found = self._client.find_files(folder_id, *set(titles))
        self.seen.told(folder_id, found)
        return [[file for file in found if file.title == title] for title in titles]

    def move(self, file_id: EntryId, destination: EntryId, *, alone: bool, note: Callable[[], None]) -> Operation:
        """Like the client's, for one file. The operation may be that of other files too. `arrival` says what
        becomes of the file.

        `note` is called right before the move is sent, by any thread. A move that still waits here was not sent, so
        after a crash nobody needs to wait for it. If `note` raises, the file is not moved, and its error is raised
        here. CrowdedError: the portal is busy with earlier moves, and this one was not sent.
        """
        wanted = _Wanted(file_id, note)
        try:
            (answer,) = (
                self._put(destination, [wanted], lambda: None)
                if alone
                else (self._moves.call(destination, wanted),)
            )
        except TimeoutError:
            raise CrowdedError from None
        while isinstance(answer, _Part):
            answer = answer.half.result()[answer.place]
        if isinstance(answer, IntakeError):
            raise answer
        return answer

    def is_crowded(self) -> bool:
        """Whether a move would have to wait until another has ended."""
        return self._slots.is_full

    def move_across(self, file_id: EntryId, destination: EntryId, *, note: Callable[[], None]) -> Operation:
        """For `mover.third_party`: a move that changes the id. Its caller asks for its end with `follow`."""
        slot = self._slots.begin(lambda: None)
        try:
            note()
            operation = self._client.move([file_id], destination)
        except BaseException:
            slot.forget()
            raise
        slot.sent(operation.id, 1)
        self._slots.free_later(slot)
        with self._lock:
            self._across[operation.id] = slot
        return operation

    def arrival(self, operation: Operation, file_id: EntryId) -> Arrival:
        """Wait until that file of a move was seen in the destination, or will not be. The move was sent by this
        process.
        """
        with self._lock:
            watch = self._arrivals[operation.id]
        return watch.arrival(file_id)

    def follow(self, operation: Operation) -> Followed:
        """Ask the portal about the operation until it ends."""
        followed = self._following.follow(operation)
        if followed.word in OVER:
            with self._lock:
                slot = self._across.pop(operation.id, None)
            if slot is not None:
                slot.end()
        return followed

    def _send(self, destination: EntryId, wanted: list[_Wanted]) -> Sequence[_Answer]:
        until = time.monotonic() + SEND_WITHIN_S
        over = partial(self._moves.ended, destination)
        try:
            return self._put(destination, wanted, over)
        except RefusedError:
            if len(wanted) == 1 or self._takes_nothing(destination):
                raise
            parts = self._halves(destination, until, wanted)
            over()
            return parts

    def _halves(self, destination: EntryId, until: float, wanted: list[_Wanted]) -> list[_Answer]:
        middle = len(wanted) // 2
        return [
            _Part(half, place)
            for part in (wanted[:middle], wanted[middle:])
            for half in [Once(partial(self._send_half, destination, until, part))]
            for place in range(len(part))
        ]

    def _send_half(self, destination: EntryId, until: float, wanted: list[_Wanted]) -> list[_Answer]:
        if time.monotonic() > until:
            raise TryLaterError("the portal refused to move some files, and it took too long to find out which")
        try:
            return self._put(destination, wanted, lambda: None)
        except RefusedError:
            if len(wanted) == 1:
                raise
            return self._halves(destination, until, wanted)

    def _put(self, destination: EntryId, wanted: list[_Wanted], over: Callable[[], None]) -> list[_Answer]:
        """Send the move and start watching for its files; `over` is called when its slot is free again.

        A file that cannot be noted is left out, each for its own reason.
        """
        slot = self._slots.begin(over)
        try:
            left_out = _noted(wanted)
            if all(left_out):
                slot.end()
                return [why for why in left_out if why]
            file_ids = list(
                dict.fromkeys(each.file_id for each, why in zip(wanted, left_out, strict=True) if not why)
            )
            operation = self._client.move(file_ids, destination)
        except BaseException:
            slot.forget()
            raise
        slot.sent(operation.id, len(file_ids))
        watch = Arrivals(
            operation,
            file_ids,
            look=partial(self._lookups.arrived, destination),
            portal=self._client,
            slots=self._slots,
            slot=slot,
            pace=self._pace,
            clock=self._clock,
            wait=self._wait,
        )
        with self._lock:
            self._arrivals[operation.id] = watch
        try:
            threading.Thread(target=watch.run, name="watch", daemon=True).start()
        except RuntimeError:  # the system refused a thread; the move was sent, so it is watched on this one
            watch.run()
        return [why or operation for why in left_out]

    def _takes_nothing(self, folder_id: EntryId) -> bool:
        """Whether the folder takes no file at all, so that every file would be refused alone too."""
        try:
            folder = self._client.folder(folder_id)
        except RefusedError:
            return True
        if folder.can_create is False or folder.can_move_to is False or is_section(folder) or unusable(folder):
            return True
        return takes_forms_alone(self._client.folder_path(folder_id))


def _noted(wanted: Sequence[_Wanted]) -> list[IntakeError | None]:
    """Note all of them at once; returns why each is left out, or None. At once, because the ledger joins what
    comes together.
    """
    notes = [Once(each.note) for each in wanted]
    with suppress(RuntimeError):  # the system refused a thread; whoever wants the result does the work
        for note in notes[1:]:
            threading.Thread(target=note.run, name="note", daemon=True).start()
    return [_error_of(note) for note in notes]


def _error_of(note: Once[None]) -> IntakeError | None:
    try:
        note.result()
    except IntakeError as error:
        return error
    return None
