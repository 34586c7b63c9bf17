"""Reads a folder page by page, and misses nothing although files leave it meanwhile. No network of its own.

The portal counts pages by position. Each file that leaves moves the unread files up by one, across the border of a
page. So every page begins a little before the end of the one before. If a page holds no entry that is known, files
may lie between the two, and reading goes back.
"""

from collections.abc import Callable, Iterator

from shared.docspace.wire import FileWire, FolderWire, Listing

PAGE = 100
"""The portal's maximum for one page of a folder."""
OVERLAP = 15
"""So many files may leave between two pages without costing a call: as many as one user may move at once."""


def pages(get: Callable[[int], Listing]) -> Iterator[tuple[list[FileWire], list[FolderWire]]]:
    """Yields the new entries of each page; `get` returns the page that begins at an index. If the last changed
    come first, files that arrive meanwhile stand before all pages and are left out.
    """
    known: set[tuple[type, str | bytes]] = set()
    start = 0
    while True:
        page = get(start)
        entries: list[FileWire | FolderWire | bytes] = [*page.files, *page.folders, *page.unreadable]
        new = [entry for entry in entries if _key(entry) not in known]
        if start > 0 and len(new) == len(entries):
            start = max(0, start - PAGE)  # nothing known: more have left than overlapped
            continue
        known.update(map(_key, new))
        yield (
            [entry for entry in new if isinstance(entry, FileWire)],
            [entry for entry in new if isinstance(entry, FolderWire)],
        )
        count = len(entries)
        if count == 0 or (count < PAGE if page.total is None else start + count >= page.total):
            return
        start += max(1, count - OVERLAP)


def _key(entry: FileWire | FolderWire | bytes) -> tuple[type, str | bytes]:
    """The key of an entry; one that cannot be read is recognized by its whole content."""
    return type(entry), entry if isinstance(entry, bytes) else str(entry.id)
