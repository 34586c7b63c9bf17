"""How many of this process's calls are at the portal at once. It groups nothing, and repeats nothing."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Protocol

from shared.docspace.errors import TryLaterError
from shared.docspace.model import FileInfo, FolderInfo, FolderPage, Operation
from shared.events import EntryId

READS_AT_ONCE = 10
WRITES_AT_ONCE = 3
"""The portal takes 50 and 15 of one user and answers 429 to the next: four movers leave room for the classifier."""

AT_ONCE = READS_AT_ONCE + WRITES_AT_ONCE + 2
"""Connections worth keeping: the probes of readiness come on top."""

PATIENCE_S = 15.0
"""For a place. A portal that leaves so many unanswered for so long is helped by fewer calls, not by more."""


class Client(Protocol):
    """What the mover asks of `shared.docspace.client`."""

    def file(self, file_id: EntryId, /) -> FileInfo: ...
    def folder(self, folder_id: EntryId, /) -> FolderInfo: ...
    def folder_page(self, folder_id: EntryId, start: int, /, *, oldest_first: bool) -> FolderPage: ...
    def find_files(self, folder_id: EntryId, title: str, /) -> list[FileInfo]: ...
    def move(self, file_ids: list[EntryId], destination: EntryId, /) -> Operation: ...
    def operation(self, operation_id: str, /) -> Operation | None: ...


class Limited:
    """The client, each call in its turn. Besides the client's errors: TryLaterError where no turn came."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._reads = threading.BoundedSemaphore(READS_AT_ONCE)
        self._writes = threading.BoundedSemaphore(WRITES_AT_ONCE)

    def file(self, file_id: EntryId) -> FileInfo:
        with _turn(self._reads):
            return self._client.file(file_id)

    def folder(self, folder_id: EntryId) -> FolderInfo:
        with _turn(self._reads):
            return self._client.folder(folder_id)

    def folder_page(self, folder_id: EntryId, start: int, *, oldest_first: bool) -> FolderPage:
        with _turn(self._reads):
            return self._client.folder_page(folder_id, start, oldest_first=oldest_first)

    def find_files(self, folder_id: EntryId, title: str) -> list[FileInfo]:
        with _turn(self._reads):
            return self._client.find_files(folder_id, title)

    def move(self, file_ids: list[EntryId], destination: EntryId) -> Operation:
        with _turn(self._writes):
            return self._client.move(file_ids, destination)

    def operation(self, operation_id: str) -> Operation | None:
        with _turn(self._reads):
            return self._client.operation(operation_id)


@contextlib.contextmanager
def _turn(places: threading.BoundedSemaphore) -> Iterator[None]:
    if not places.acquire(timeout=PATIENCE_S):
        raise TryLaterError(f"no place for another call to the portal in {PATIENCE_S:.0f} s: it answers slowly")
    try:
        yield
    finally:
        places.release()
