"""Reads a folder page by page, and misses nothing though files leave it meanwhile. No network of its own.

The portal counts pages by position: each file that leaves moves the unread ones up by one, over the border of a
page. So every page begins a little before the end of the last, and only one that holds something known is next to
what was read.
"""

from collections.abc import Callable, Iterator

from shared.docspace.wire import FileWire, FolderWire, Listing

PAGE = 100
"""The portal's maximum for one page of a folder."""
OVERLAP = 15
"""As many may leave between two pages at no cost: the writes that the portal allows one user at once."""


def pages(get: Callable[[int], Listing]) -> Iterator[tuple[list[FileWire], list[FolderWire]]]:
    """What each page adds; `get` gives the page that begins at an index.

    What comes into the folder meanwhile stands before all of it where the last changed come first, and is left out.
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
    """What cannot be read is known again by all that it says."""
    return type(entry), entry if isinstance(entry, bytes) else str(entry.id)
