"""The portal, as the handling of one file sees it: what many files need at once, it asks for together.

A refused group is halved until the refused file is alone, so that its neighbours are moved. A group without an
answer is not sent again: each member hears that it may have been carried out.
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
"""Looked for at one reading of a folder, which takes as long for one as for all."""

FILES_A_MOVE = 100
"""What an operation of the portal takes along in seconds; few enough that halving it ends soon."""

MOVE_WAIT_S = 0.02
"""The longest that a file waits for others while a move is under way and another may begin."""

SEND_WITHIN_S = 15.0
"""From a group's start to the last of its parts. Each member noted when it was sent, and holds a lease."""

KEPT_OPERATIONS = 1000
"""Of how many it is remembered who watches them."""


class Client(Protocol):
    """What the mover asks of `shared.docspace.client`."""

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
    """Called when its turn has come, before it is sent; where it raises an IntakeError, the file is left out."""


class _Part:
    """Where to wait for the answer about a file of a refused group: its place in the half that it is in."""

    __slots__ = ("half", "place")

    def __init__(self, half: "Once[list[_Answer]]", place: int) -> None:
        self.half = half
        self.place = place


_Answer = Operation | _Part | IntakeError
"""About one file of a group: the move that takes it along, its half of a refused group, or why it was left out."""


class GroupedPortal:
    def __init__(self, client: Client, clock: Callable[[], float], wait: Callable[[float], bool]) -> None:
        """`clock` and `wait` as in the handler's ports."""
        self._client = client
        self._clock = clock
        self._wait = wait
        self._pace = Pace()
        self.seen = Seen()
        """What lies in a folder, as the answers showed that were asked for other reasons."""
        self.destinations = Destinations(client)
        """What folders are called."""
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
        """So many movers work, this one with them: what the portal has on record of ours is for all of them."""
        self._slots.share_among(processes)

    def file(self, file_id: EntryId, expected_in: EntryId | None = None) -> FileInfo:
        """As the client's; where it is expected in a folder, with the others that are expected there."""
        return self._lookups.file(file_id, expected_in)

    def folder(self, folder_id: EntryId) -> FolderInfo:
        return self._client.folder(folder_id)

    def folder_path(self, folder_id: EntryId) -> tuple[FolderInfo, ...]:
        return self._client.folder_path(folder_id)

    def find_files(self, folder_id: EntryId, title: str) -> list[FileInfo]:
        """As the client's. Those who ask while a folder is read through are told together by the next reading."""
        return self._titled.call(folder_id, title)

    def _find_titled(self, folder_id: EntryId, titles: list[str]) -> list[list[FileInfo]]:
        found = self._client.find_files(folder_id, *set(titles))
        self.seen.told(folder_id, found)
        return [[file for file in found if file.title == title] for title in titles]

    def move(self, file_id: EntryId, destination: EntryId, *, alone: bool, note: Callable[[], None]) -> Operation:
        """As the client's, for one file; it may be that of others too. `arrival` tells what becomes of it.

        `note` is called once its turn has come, by any thread: what waits here was not sent, and need not be
        waited for by who comes after a crash. Where it raises, the file is not moved, and that is raised here.
        CrowdedError: the portal is at work on what came before, and never saw this.
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
        """Whether a move would have to wait for the end of another."""
        return self._slots.is_full

    def move_across(self, file_id: EntryId, destination: EntryId, *, note: Callable[[], None]) -> Operation:
        """For `mover.third_party`: a move that changes the id. Whoever sends it asks after it with `follow`."""
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
        """Wait until that file of a move that was just sent is seen in its destination, or will not be."""
        with self._lock:
            watch = self._arrivals[operation.id]
        return watch.arrival(file_id)

    def follow(self, operation: Operation) -> Followed:
        """Ask after it until it ended."""
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
            raise TryLaterError("the portal refused to move some files, and finding out which took too long")
        try:
            return self._put(destination, wanted, lambda: None)
        except RefusedError:
            if len(wanted) == 1:
                raise
            return self._halves(destination, until, wanted)

    def _put(self, destination: EntryId, wanted: list[_Wanted], over: Callable[[], None]) -> list[_Answer]:
        """Send the move and have its files watched for; `over` is called when its slot is free again.

        What cannot be noted is left out, each for its own reason.
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
        except RuntimeError:  # no thread to be had: the move was sent, so it is watched from here
            watch.run()
        return [why or operation for why in left_out]

    def _takes_nothing(self, folder_id: EntryId) -> bool:
        """Then every file would be refused alone too."""
        try:
            folder = self._client.folder(folder_id)
        except RefusedError:
            return True
        if folder.can_create is False or folder.can_move_to is False or is_section(folder) or unusable(folder):
            return True
        return takes_forms_alone(self._client.folder_path(folder_id))


def _noted(wanted: Sequence[_Wanted]) -> list[IntakeError | None]:
    """Why each is left out. At once, as the portal and the ledger do together what is asked together."""
    notes = [Once(each.note) for each in wanted]
    with suppress(RuntimeError):  # no thread to be had: who wants the result does the work
        for note in notes[1:]:
            threading.Thread(target=note.run, name="note", daemon=True).start()
    return [_error_of(note) for note in notes]


def _error_of(note: Once[None]) -> IntakeError | None:
    try:
        note.result()
    except IntakeError as error:
        return error
    return None
