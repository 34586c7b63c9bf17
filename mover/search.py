"""Finds files in a folder by reading its pages: few calls for many files. What it misses may still be there."""

import math
import threading
from collections.abc import Callable
from functools import partial

from shared.docspace.client import PAGE
from shared.docspace.model import FileInfo, FolderPage
from shared.events import EntryId
from shared.gather import Once

FILES_PER_PAGE_READ = 4
"""Read no more pages than one for so many files: beyond that, asking for those that are left costs as little."""


def search(read: Callable[[int], FolderPage], wanted: list[EntryId]) -> dict[str, FileInfo]:
    """By their ids as text. `read` gives the page from an entry's number on; its errors are raised.

    As many pages at once as the files may lie on, and more each round: a backlog is worked off from its oldest end,
    and the pages begin with the newest.
    """
    missing = {str(file_id) for file_id in wanted}
    found: dict[str, FileInfo] = {}
    done, pages = 0, max(1, len(wanted) // FILES_PER_PAGE_READ)
    while missing and done < pages:
        width = done + math.ceil(len(missing) / PAGE)
        for page in _at_once([partial(read, number * PAGE) for number in range(done, min(done + width, pages))]):
            done += 1
            found |= {str(file.id): file for file in page.files if str(file.id) in missing}
            if page.total is not None:
                pages = min(pages, math.ceil(page.total / PAGE))
            elif page.entries < PAGE:
                pages = done
        missing -= found.keys()
    return found


def _at_once(reads: list[Callable[[], FolderPage]]) -> list[FolderPage]:
    pages = [Once(read) for read in reads]
    for page in pages[1:]:
        threading.Thread(target=page.run, name="page", daemon=True).start()
    return [page.result() for page in pages]
