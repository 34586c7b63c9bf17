"""The portal, as the handling of one file sees it: what many files need at once, it asks for together.

On a page of a folder a file may be seen; that it is gone, only the question for the file itself can tell. A refused
group is halved until the refused file is alone, so that its neighbours are moved. A group without an answer is not
sent again: each member hears that it may have been carried out.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from cachetools import LRUCache

from mover.operation import Followed, Word, follow
from mover.search import Search
from shared.docspace.errors import NotFoundError, RefusedError, TryLaterError
from shared.docspace.model import FileInfo, FolderInfo, FolderPage, Operation
from shared.errors import IntakeError
from shared.events import EntryId
from shared.gather import Gather, Once

FILES_A_MOVE = 100
"""What an operation of the portal takes along in seconds; few enough that halving it ends soon."""

FILES_A_LOOK = 1000

LOOK_WAIT_S = 0.015
MOVE_WAIT_S = 0.02
"""The longest that a file waits for others while a call is under way: two looks and a move, 50 ms in all."""

LOOKS_AT_ONCE = 2
MOVES_AT_ONCE = 3
"""For one folder. The next waits for one of them to end, and takes the more files along."""

SEND_WITHIN_S = 15.0
"""From a group's start to the last of its parts. Each member noted when it was sent, and holds a lease."""

KEPT_OPERATIONS = 1000
"""How many operations' ends are remembered, for those of their files that ask late: the portal tells it once."""


class Client(Protocol):
    """What the mover asks of `shared.docspace.client`."""

    def file(self, file_id: EntryId, /) -> FileInfo: ...
    def folder(self, folder_id: EntryId, /) -> FolderInfo: ...
    def folder_page(self, folder_id: EntryId, start: int, /, *, oldest_first: bool) -> FolderPage: ...
    def find_files(self, folder_id: EntryId, title: str, /) -> list[FileInfo]: ...
    def move(self, file_ids: list[EntryId], destination: EntryId, /) -> Operation: ...
    def operation(self, operation_id: str, /) -> Operation | None: ...


@dataclass(frozen=True, slots=True)
class _Part:
    """Where to wait for the answer about a file of a refused group: its place in the half that it is in."""

    half: "Once[list[Once[Operation] | _Part]]"
    place: int


class GroupedPortal:
    def __init__(self, client: Client, clock: Callable[[], float], wait: Callable[[float], bool]) -> None:
        """`clock` and `wait` as in the handler's ports."""
        self._client = client
        self._clock = clock
        self._wait = wait
        self._looks: Gather[EntryId, EntryId, FileInfo | None] = Gather(
            self._look, limit=FILES_A_LOOK, longest_wait_s=LOOK_WAIT_S, at_once=LOOKS_AT_ONCE
        )
        self._moves: Gather[EntryId, EntryId, Once[Operation] | _Part] = Gather(
            self._send, limit=FILES_A_MOVE, longest_wait_s=MOVE_WAIT_S, at_once=MOVES_AT_ONCE
        )
        self._search = Search(
            lambda folder_id, start, oldest: client.folder_page(folder_id, start, oldest_first=oldest)
        )
        self._lock = threading.Lock()
        self._following: dict[str, Once[Followed]] = {}
        self._ended: LRUCache[str, Followed] = LRUCache(KEPT_OPERATIONS)

    def file(self, file_id: EntryId, expected_in: EntryId | None = None) -> FileInfo:
        """As the client's; where it is expected in a folder, with the others that are expected there."""
        seen = None if expected_in is None else self._looks.call(expected_in, file_id)
        return seen or self._client.file(file_id)

    def folder(self, folder_id: EntryId) -> FolderInfo:
        return self._client.folder(folder_id)

    def find_files(self, folder_id: EntryId, title: str) -> list[FileInfo]:
        return self._client.find_files(folder_id, title)

    def move(self, file_id: EntryId, destination: EntryId, *, alone: bool) -> Operation:
        """As the client's, for one file, and as it is when asked after once; it may be that of others too."""
        if alone:
            return self._asked_after(self._client.move([file_id], destination))
        answer = self._moves.call(destination, file_id)
        while isinstance(answer, _Part):
            answer = answer.half.result()[answer.place]
        return answer.result()

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
        return followed

    def _look(self, folder_id: EntryId, file_ids: list[EntryId]) -> list[FileInfo | None]:
        """None: not seen there, which says nothing."""
        if len(file_ids) == 1:
            return [self._client.file(file_ids[0])]
        try:
            found = self._search.find(folder_id, file_ids)
        except RefusedError:  # the folder is gone, or not for our eyes; the file may be neither
            found = {}
        return [found.get(str(file_id)) for file_id in file_ids]

    def _send(self, destination: EntryId, file_ids: list[EntryId]) -> list[Once[Operation] | _Part]:
        until = time.monotonic() + SEND_WITHIN_S
        return self._send_part(destination, until, file_ids, whole=True)

    def _send_part(
        self, destination: EntryId, until: float, file_ids: list[EntryId], *, whole: bool = False
    ) -> list[Once[Operation] | _Part]:
        if time.monotonic() > until:
            raise TryLaterError("the portal refused to move some files, and finding out which took too long")
        try:
            operation = self._client.move(list(dict.fromkeys(file_ids)), destination)
        except RefusedError as error:
            if (
                len(file_ids) == 1
                or isinstance(error, NotFoundError)  # the destination; a missing file would be a 403
                or (whole and self._takes_nothing(destination))
            ):
                raise
            middle = len(file_ids) // 2
            return [
                _Part(half, place)
                for ids in (file_ids[:middle], file_ids[middle:])
                for half in [Once(partial(self._send_part, destination, until, ids))]
                for place in range(len(ids))
            ]
        return [Once(partial(self._asked_after, operation))] * len(file_ids)

    def _asked_after(self, operation: Operation) -> Operation:
        """An idle portal has carried it out by now: then it needs neither a note nor a wait."""
        if operation.finished:
            return operation
        with contextlib.suppress(IntakeError):  # who follows it asks again
            return self._client.operation(operation.id) or operation
        return operation

    def _takes_nothing(self, folder_id: EntryId) -> bool:
        """Then every file would be refused alone too."""
        try:
            folder = self._client.folder(folder_id)
        except RefusedError:
            return True
        return folder.can_create is False or folder.can_move_to is False
