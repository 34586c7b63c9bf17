"""Finds files in a folder by reading its pages, with few calls for many files. It may miss some."""

import math
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from shared.docspace.model import FileInfo, FolderPage
from shared.docspace.pages import PAGE
from shared.threads.batching import Once
from shared.wire.events import EntryId

FILES_PER_PAGE_READ = 4
"""At most one page is read for so many files. With more pages, asking for each file costs no more."""

ReadPage = Callable[[EntryId, int, bool], FolderPage]
"""Folder, number of the first entry, and whether the oldest files come first."""


class Search:
    """Looks among the newest files first, where a new invoice is; if none is there, among the oldest.

    A backlog is worked off from its oldest end, many pages away from the newest. If it lay behind older files that
    stay, their number is remembered.
    """

    def __init__(self, read: ReadPage) -> None:
        self._read = read
        self._begin: dict[EntryId, int] = {}
        """The number of the file at which the backlog begins, counted from the oldest, which is 0. It is a
        guess: if it is wrong, a few pages are read in vain."""
        self._totals: dict[EntryId, float] = {}
        """The number of entries as last told, so that the first round asks for no page beyond the end, and
        learns the present number."""

    def told(self, folder_id: EntryId, total: int | None) -> None:
        """A page of this folder said how many entries it has."""
        if total is not None:
            self._totals[folder_id] = total

    def find(self, folder_id: EntryId, wanted: list[EntryId]) -> dict[str, FileInfo]:
        """The files found, by their ids as text. Errors of reading a page are raised."""
        begin = self._begin.get(folder_id)
        looking = _Looking(
            partial(self._read, folder_id),
            missing={str(file_id) for file_id in wanted},
            pages_left=max(1, len(wanted) // FILES_PER_PAGE_READ),
            total=max(1, self._totals.get(folder_id, math.inf)),
        )
        newest = _End(oldest_first=False)
        oldest = _End(oldest_first=True, start=max(0, (begin or 0) - PAGE))
        if begin is not None:
            looking.read_on(oldest)
        looking.read(newest)
        if begin is None and not looking.found:
            looking.read_on(oldest)
        while looking.read(newest):
            pass
        self._totals[folder_id] = looking.total
        if looking.positions and 2 * max(looking.positions) < looking.total:
            self._begin[folder_id] = min(looking.positions) if begin is None else min(begin, *looking.positions)
        else:
            self._begin.pop(folder_id, None)
        return looking.found


@dataclass(slots=True)
class _End:
    """One end of the folder, and how far it was read from there."""

    oldest_first: bool
    start: int = 0
    pages: int = 0


@dataclass(slots=True)
class _Looking:
    """One search, as far as it came."""

    page: Callable[[int, bool], FolderPage]
    missing: set[str]
    pages_left: int
    """How many more pages may be read."""
    found: dict[str, FileInfo] = field(default_factory=dict)
    positions: list[int] = field(default_factory=list)
    """The numbers of the files that were found; the oldest file is 0."""
    total: float = math.inf
    """Entries in the folder."""

    def read_on(self, end: _End) -> None:
        """Read rounds of pages until one finds nothing."""
        before = -1
        while before < len(self.found):
            before = len(self.found)
            self.read(end)

    def read(self, end: _End) -> bool:
        """Read a round of pages at once, more in each round. False if nothing is missing or there is nothing
        left to read.
        """
        width = min(end.pages + math.ceil(2 * len(self.missing) / PAGE), self.pages_left)
        if self.total < math.inf:
            width = min(width, math.ceil((self.total - end.start) / PAGE))
        if not self.missing or width <= 0:
            return False
        starts = [end.start + number * PAGE for number in range(width)]
        pages = _at_once(partial(self.page, start, end.oldest_first) for start in starts)
        self.total = _total(starts[-1], pages[-1])
        for start, page in zip(starts, pages, strict=True):
            for number, file in enumerate(page.files, start + page.entries - len(page.files)):
                if str(file.id) in self.missing:
                    self.missing.remove(str(file.id))
                    self.found[str(file.id)] = file
                    self.positions.append(number if end.oldest_first else int(min(self.total, 1e9)) - 1 - number)
        self.pages_left -= width
        end.pages += width
        end.start += width * PAGE
        return True


def _total(start: int, page: FolderPage) -> float:
    if page.total is not None:
        return page.total
    return math.inf if page.entries == PAGE else start + page.entries


def _at_once(reads: Iterable[Callable[[], FolderPage]]) -> list[FolderPage]:
    pages = [Once(read) for read in reads]
    with suppress(RuntimeError):  # the system refused a thread; whoever wants the result does the work
        for page in pages[1:]:
            threading.Thread(target=page.run, name="page", daemon=True).start()
    return [page.result() for page in pages]
