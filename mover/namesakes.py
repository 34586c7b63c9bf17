"""Finds other files with the same title in the destination, if answers that were asked for anyway showed them.

A move renames nothing, so two files of one title may lie side by side (docs/explanation/decisions.md, "Filing").
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec
from cachetools import LRUCache

from mover.plan import Result, same
from shared.docspace.errors import RefusedError, TryLaterError
from shared.docspace.ids import is_own_storage
from shared.docspace.model import FileInfo
from shared.rules.titles import normalise
from shared.store.keys import title_key
from shared.store.ledger import Ledger
from shared.text.outside import identifier
from shared.wire.events import EntryId

SEEN_S = 60.0
"""What an answer showed longer ago than this is forgotten, because the file may have been taken away since."""

KEPT_TITLES, KEPT_OF_A_TITLE = 10_000, 200
MOST_NAMESAKES = 10
"""How many are listed for one invoice. A person needs no more, and a message has a size."""


class Portal(Protocol):
    seen: "Seen"

    def file(self, file_id: EntryId, /) -> FileInfo: ...


class Seen:
    """Remembers which titles were seen in which folder. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds that never go back."""
        self._clock = clock
        self._lock = threading.Lock()
        self._titles: LRUCache[tuple[str, str], dict[EntryId, float]] = LRUCache(KEPT_TITLES)

    def told(self, folder_id: EntryId, files: Iterable[FileInfo]) -> None:
        """These files lie in the folder now."""
        now = self._clock()
        with self._lock:
            for file in files:
                known = self._titles.setdefault((str(folder_id), normalise(file.title)), {})
                if len(known) > KEPT_OF_A_TITLE:
                    known.clear()
                known[file.id] = now

    def beside(self, file: FileInfo) -> list[EntryId]:
        """The other files with its title that were seen in its folder."""
        since = self._clock() - SEEN_S
        with self._lock:
            found = dict(self._titles.get((str(file.folder_id), normalise(file.title)), {}))
        return [file_id for file_id, at in found.items() if at >= since and not same(file_id, file.id)]


def with_namesakes(result: Result, file: FileInfo, portal: Portal, ledger: Ledger) -> Result:
    """The result with the files of the same title that were seen in the destination, where `file` lies.

    If we filed another file there under that title, the latest such file is looked at, which costs one request.
    TransientError if the ledger cannot be reached. Repeating is safe.
    """
    filed = result.filed
    before = ledger.replace(title_key(filed.portal, filed.destination, file.title), identifier(str(file.id)))
    found = portal.seen.beside(file)
    if before is not None and not any(same(before, file_id) for file_id in found):
        found += _still_there(before, file, portal)
    named = tuple(found[:MOST_NAMESAKES])
    return msgspec.structs.replace(result, filed=msgspec.structs.replace(filed, namesakes=named))


def _still_there(before: str, file: FileInfo, portal: Portal) -> list[EntryId]:
    """The file; None if the portal does not answer, because the invoice is filed all the same."""
    try:
        other = portal.file(int(before) if is_own_storage(before) else before)
    except (RefusedError, TryLaterError):
        return []
    is_there = same(other.folder_id, file.folder_id) and normalise(other.title) == normalise(file.title)
    return [other.id] if is_there and not other.in_trash and not same(other.id, file.id) else []
