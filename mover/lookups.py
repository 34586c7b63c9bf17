"""Finds out where many files are now: by pages of a folder or one by one, whichever costs the portal less.

A page can show that a file is there. Only a request for the file itself can show that it is gone.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from mover.namesakes import Seen
from mover.pace import Pace
from mover.search import Search
from shared.docspace.errors import BusyError, NotFoundError, PortalFaultError, RefusedError, TryLaterError
from shared.docspace.model import FileInfo, FolderPage
from shared.docspace.pages import PAGE
from shared.threads.batching import Gather
from shared.wire.events import EntryId

FILES_A_LOOK = 1000
LOOK_WAIT_S = 0.015
"""While a look is under way, a file waits for others at most this long."""
LOOKS_AT_ONCE = 2
"""For one folder. A further look waits until one of them has ended, and takes the files along that came
meanwhile."""

SPARE = 10
"""Entries of a page beyond twice the files looked for: others come into the folder too."""


class Portal(Protocol):
    def file(self, file_id: EntryId, /) -> FileInfo: ...
    def folder_page(self, folder_id: EntryId, start: int, /, *, count: int, oldest_first: bool) -> FolderPage: ...


class Lookups:
    """Serves many threads. It measures what each kind of look takes."""

    def __init__(self, portal: Portal, pace: Pace, seen: Seen | None = None) -> None:
        """`seen` is told which files the read pages showed."""
        self._portal = portal
        self._pace = pace
        self._seen = seen or Seen()
        self._search = Search(
            lambda folder_id, start, oldest: self._page(folder_id, start, PAGE, oldest_first=oldest)
        )
        self._at_oldest: dict[EntryId, bool] = {}
        """At which end of a folder what was looked for on a short page lay last."""
        self._arrivals: Gather[EntryId, Sequence[EntryId], dict[str, FileInfo]] = Gather(
            self._arrived, limit=FILES_A_LOOK, longest_wait_s=LOOK_WAIT_S, at_once=LOOKS_AT_ONCE
        )
        self._together: Gather[EntryId, EntryId, FileInfo | None] = Gather(
            self._look, limit=FILES_A_LOOK, longest_wait_s=LOOK_WAIT_S, at_once=LOOKS_AT_ONCE
        )

    def file(self, file_id: EntryId, expected_in: EntryId | None = None) -> FileInfo:
        """The file as it is now. NotFoundError and ForbiddenError as for the client."""
        seen = None if expected_in is None else self._together.call(expected_in, file_id)
        return seen or self._one(file_id)

    def arrived(self, folder_id: EntryId, file_ids: Sequence[EntryId]) -> dict[str, FileInfo]:
        """Those of the files that are in the folder now, by their ids as texts. Operations under way share a
        look.
        """
        found = self._arrivals.call(folder_id, file_ids)
        return {key: found[key] for key in map(str, file_ids) if key in found}

    def _arrived(self, folder_id: EntryId, groups: list[Sequence[EntryId]]) -> list[dict[str, FileInfo]]:
        found = self._in_folder(folder_id, [file_id for group in groups for file_id in group])
        return [found] * len(groups)

    def _in_folder(self, folder_id: EntryId, file_ids: Sequence[EntryId]) -> dict[str, FileInfo]:
        """The same, for one look.

        A moved file keeps the time of its last change. If it is old, it is on a page that is not read. The portal
        moves files in their order, so one look at the first missing file finds that out.
        """
        found = self._on_pages(folder_id, file_ids) if self._by_pages(len(file_ids)) else None
        seen = dict(found or {})
        for file_id in file_ids:
            if str(file_id) in seen:
                continue
            with suppress(RefusedError):
                seen[str(file_id)] = self._one(file_id)
            if found is not None and not _lies_in(folder_id, seen.get(str(file_id))):
                break
        return {key: file for key, file in seen.items() if _lies_in(folder_id, file)}

    def _look(self, folder_id: EntryId, file_ids: list[EntryId]) -> list[FileInfo | None]:
        """None for a file that was not seen there. That proves nothing, so its caller looks at the file itself."""
        if len(file_ids) == 1:
            return [self._one(file_ids[0])]
        found = (self._on_pages(folder_id, file_ids) if self._by_pages(len(file_ids)) else None) or {}
        return [found.get(str(file_id)) for file_id in file_ids]

    def _by_pages(self, files: int) -> bool:
        return self._by_pages_of(_count(files), files)

    def _by_pages_of(self, count: int, files: int) -> bool:
        return files > 1 and self._pace.page_is_cheaper(files, count)

    def _on_pages(self, folder_id: EntryId, file_ids: Sequence[EntryId]) -> dict[str, FileInfo] | None:
        """None if the pages cannot be read: the folder is gone, or hidden from our user, or a page takes too
        long.
        """
        try:
            return self._on_few_pages(folder_id, file_ids)
        except (PortalFaultError, BusyError):
            raise
        except (RefusedError, TryLaterError):
            return None

    def _on_few_pages(self, folder_id: EntryId, file_ids: Sequence[EntryId]) -> dict[str, FileInfo]:
        if _count(len(file_ids)) == PAGE:
            return self._search.find(folder_id, list(file_ids))
        found = self._on_short_page(folder_id, file_ids)
        left = [file_id for file_id in file_ids if str(file_id) not in found]
        return found | self._search.find(folder_id, left) if self._by_pages_of(PAGE, len(left)) else found

    def _on_short_page(self, folder_id: EntryId, file_ids: Sequence[EntryId]) -> dict[str, FileInfo]:
        """At the end of the folder where the last were, else at the other: a backlog begins with its oldest."""
        wanted = {str(file_id) for file_id in file_ids}
        first = self._at_oldest.get(folder_id, False)
        for oldest_first in (first, not first):
            page = self._page(folder_id, 0, _count(len(file_ids)), oldest_first=oldest_first)
            self._search.told(folder_id, page.total)
            if found := {str(file.id): file for file in page.files if str(file.id) in wanted}:
                self._at_oldest[folder_id] = oldest_first
                return found
        return {}

    def _one(self, file_id: EntryId) -> FileInfo:
        with _timed(self._pace.looked):
            return self._portal.file(file_id)

    def _page(self, folder_id: EntryId, start: int, count: int, *, oldest_first: bool) -> FolderPage:
        with _timed(lambda took_s: self._pace.read_page(count, took_s)):
            page = self._portal.folder_page(folder_id, start, count=count, oldest_first=oldest_first)
        self._seen.told(folder_id, page.files)
        return page


def _count(files: int) -> int:
    return min(PAGE, 2 * files + SPARE)


def _lies_in(folder_id: EntryId, file: FileInfo | None) -> bool:
    return file is not None and str(file.folder_id) == str(folder_id)


@contextmanager
def _timed(measured: Callable[[float], None]) -> Iterator[None]:
    """Measures how long an answer took. A refusal is an answer too."""
    began = time.monotonic()
    try:
        yield
    except NotFoundError:
        measured(time.monotonic() - began)
        raise
    measured(time.monotonic() - began)
