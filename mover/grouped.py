"""The portal, as the handling of one file sees it: what many files need at once, it asks for together.

A refused group is halved until the refused file is alone, so that its neighbours are moved. A group without an
answer is not sent again: each member hears that it may have been carried out.
"""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from cachetools import LRUCache

from mover.looks import Looks
from mover.operation import Followed, Word, follow
from mover.pace import Pace
from mover.records import AT_ONCE, WAIT_S, CrowdedError, Record, Records
from mover.watch import Arrival, Watch
from shared.docspace.errors import RefusedError, TryLaterError
from shared.docspace.folders import is_section, takes_forms_alone, unusable
from shared.docspace.model import FileInfo, FolderInfo, FolderPage, Operation
from shared.events import EntryId
from shared.gather import Gather, Once

FILES_A_MOVE = 100
"""What an operation of the portal takes along in seconds; few enough that halving it ends soon."""

MOVE_WAIT_S = 0.02
"""The longest that a file waits for others while a move is under way and another may begin."""

SEND_WITHIN_S = 15.0
"""From a group's start to the last of its parts. Each member noted when it was sent, and holds a lease."""

KEPT_OPERATIONS = 1000
"""How many operations' ends are remembered, for those of their files that ask late: the portal tells it once."""


class Client(Protocol):
    """What the mover asks of `shared.docspace.client`."""

    def file(self, file_id: EntryId, /) -> FileInfo: ...
    def folder(self, folder_id: EntryId, /) -> FolderInfo: ...
    def folder_path(self, folder_id: EntryId, /) -> tuple[FolderInfo, ...]: ...
    def folder_page(self, folder_id: EntryId, start: int, /, *, count: int, oldest_first: bool) -> FolderPage: ...
    def find_files(self, folder_id: EntryId, title: str, /) -> list[FileInfo]: ...
    def move(self, file_ids: list[EntryId], destination: EntryId, /) -> Operation: ...
    def operation(self, operation_id: str, /) -> Operation | None: ...


class _Part:
    """Where to wait for the answer about a file of a refused group: its place in the half that it is in."""

    __slots__ = ("half", "place")

    def __init__(self, half: "Once[list[Operation | _Part]]", place: int) -> None:
        self.half = half
        self.place = place


class GroupedPortal:
    def __init__(self, client: Client, clock: Callable[[], float], wait: Callable[[float], bool]) -> None:
        """`clock` and `wait` as in the handler's ports."""
        self._client = client
        self._clock = clock
        self._wait = wait
        self._pace = Pace()
        self._looks = Looks(client, self._pace)
        self._records = Records(client, self._pace)
        self._moves: Gather[EntryId, EntryId, Operation | _Part] = Gather(
            self._send, limit=FILES_A_MOVE, longest_wait_s=MOVE_WAIT_S, at_once=AT_ONCE, ends_later=True,
            give_up_s=WAIT_S,
        )  # fmt: skip
        self._lock = threading.Lock()
        self._watches: LRUCache[str, Watch] = LRUCache(KEPT_OPERATIONS)
        self._across: LRUCache[str, Record] = LRUCache(KEPT_OPERATIONS)
        self._following: dict[str, Once[Followed]] = {}
        self._ended: LRUCache[str, Followed] = LRUCache(KEPT_OPERATIONS)

    def share_among(self, processes: int) -> None:
        """So many movers work, this one with them: what the portal has on record of ours is for all of them."""
        self._records.share_among(processes)

    def file(self, file_id: EntryId, expected_in: EntryId | None = None) -> FileInfo:
        """As the client's; where it is expected in a folder, with the others that are expected there."""
        return self._looks.file(file_id, expected_in)

    def folder(self, folder_id: EntryId) -> FolderInfo:
        return self._client.folder(folder_id)

    def folder_path(self, folder_id: EntryId) -> tuple[FolderInfo, ...]:
        return self._client.folder_path(folder_id)

    def find_files(self, folder_id: EntryId, title: str) -> list[FileInfo]:
        return self._client.find_files(folder_id, title)

    def move(self, file_id: EntryId, destination: EntryId, *, alone: bool) -> Operation:
        """As the client's, for one file; it may be that of others too. `arrival` tells what becomes of it.

        CrowdedError: the portal is at work on what came before, and never saw this.
        """
        if alone:
            return self._put(destination, [file_id], lambda: None)
        try:
            answer = self._moves.call(destination, file_id)
        except TimeoutError:
            raise CrowdedError from None
        while isinstance(answer, _Part):
            answer = answer.half.result()[answer.place]
        return answer

    def move_across(self, file_id: EntryId, destination: EntryId) -> Operation:
        """A move that changes the file's id: whoever sends it asks after the operation with `follow`."""
        record = self._records.begin(lambda: None)
        try:
            operation = self._client.move([file_id], destination)
        except BaseException:
            record.forget()
            raise
        record.sent(operation.id, 1)
        self._records.free_later(record)
        with self._lock:
            self._across[operation.id] = record
        return operation

    def arrival(self, operation: Operation, file_id: EntryId) -> Arrival:
        """Wait until that file of a move that was just sent is seen in its destination, or will not be."""
        with self._lock:
            watch = self._watches[operation.id]
        return watch.arrival(file_id)

    def follow(self, operation: Operation) -> Followed:
        """Ask after it until it ended. One asks, for all files of the operation; if in vain, the next asks anew."""
        with self._lock:
            ended = self._ended.get(operation.id)
            if ended is not None:
                return ended
            following = self._following.get(operation.id)
            if following is None:
                work = partial(follow, operation, self._client, clock=self._clock, wait=self._wait)
                following = self._following[operation.id] = Once(work)
        followed: Followed | None = None
        try:
            followed = following.result()
        finally:
            with self._lock:
                if self._following.get(operation.id) is following:
                    del self._following[operation.id]
                    if followed is not None and followed.word in {Word.FINISHED, Word.UNKNOWN}:
                        self._ended[operation.id] = followed
                        record = self._across.pop(operation.id, None)
                        if record is not None:
                            record.end()
        return followed

    def _send(self, destination: EntryId, file_ids: list[EntryId]) -> list[Operation | _Part]:
        until = time.monotonic() + SEND_WITHIN_S
        over = partial(self._moves.ended, destination)
        distinct = list(dict.fromkeys(file_ids))
        try:
            operation = self._put(destination, distinct, over)
        except RefusedError:
            if len(file_ids) == 1 or self._takes_nothing(destination):
                raise
            parts = self._halves(destination, until, file_ids)
            over()
            return parts
        return [operation] * len(file_ids)

    def _halves(self, destination: EntryId, until: float, file_ids: list[EntryId]) -> list[Operation | _Part]:
        middle = len(file_ids) // 2
        return [
            _Part(half, place)
            for ids in (file_ids[:middle], file_ids[middle:])
            for half in [Once(partial(self._send_half, destination, until, ids))]
            for place in range(len(ids))
        ]

    def _send_half(self, destination: EntryId, until: float, file_ids: list[EntryId]) -> list[Operation | _Part]:
        if time.monotonic() > until:
            raise TryLaterError("the portal refused to move some files, and finding out which took too long")
        try:
            operation = self._put(destination, list(dict.fromkeys(file_ids)), lambda: None)
        except RefusedError:
            if len(file_ids) == 1:
                raise
            return self._halves(destination, until, file_ids)
        return [operation] * len(file_ids)

    def _put(self, destination: EntryId, file_ids: list[EntryId], over: Callable[[], None]) -> Operation:
        """Send the move and have its files watched for; `over` is called when the portal's record of it is gone."""
        record = self._records.begin(over)
        try:
            operation = self._client.move(file_ids, destination)
        except BaseException:
            record.forget()
            raise
        record.sent(operation.id, len(file_ids))
        watch = Watch(
            operation,
            file_ids,
            look=partial(self._looks.arrived, destination),
            portal=self._client,
            records=self._records,
            record=record,
            pace=self._pace,
            clock=self._clock,
            wait=self._wait,
        )
        with self._lock:
            self._watches[operation.id] = watch
        threading.Thread(target=watch.run, name="watch", daemon=True).start()
        return operation

    def _takes_nothing(self, folder_id: EntryId) -> bool:
        """Then every file would be refused alone too."""
        try:
            folder = self._client.folder(folder_id)
        except RefusedError:
            return True
        if folder.can_create is False or folder.can_move_to is False or is_section(folder) or unusable(folder):
            return True
        return takes_forms_alone(self._client.folder_path(folder_id))
