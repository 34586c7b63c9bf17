"""Finds where a file is now. This, not the operation's word, decides whether an invoice is filed."""

from collections.abc import Callable
from typing import Protocol

from mover.operation import Followed, Word
from mover.plan import Progress, changes_id, is_filed
from shared.docspace.errors import NotFoundError
from shared.docspace.model import FileInfo
from shared.events import EntryId, InvoiceDetected

LOST_PATIENCE_S = 5.0
"""How long to look for a file whose operation the portal does not know: it may be moving all the same."""

LOST_WAIT_S = 0.5


class Files(Protocol):
    def file(self, file_id: EntryId, /) -> FileInfo: ...
    def find_file(self, folder_id: EntryId, title: str, /) -> FileInfo | None: ...


def look(portal: Files, file_id: EntryId) -> FileInfo | None:
    """The file as it is now, None if there is none."""
    try:
        return portal.file(file_id)
    except NotFoundError:
        return None


def whereabouts(
    event: InvoiceDetected, portal: Files, progress: Progress | None, moved: tuple[EntryId, ...] = ()
) -> FileInfo | None:
    """The file by its id; where a move was sent that changes the id, by an id in `moved` or by its title.

    By title only in the destination, and never the `namesake` that was there before the move.
    """
    file = look(portal, event.file_id)
    if file is not None or progress is None or not changes_id(event, progress.source):
        return file
    for file_id in moved:
        file = look(portal, file_id)
        if is_filed(event, file):
            return file
    file = portal.find_file(event.destination, progress.title)
    return file if file is not None and file.id != progress.namesake else None


def whereabouts_after(
    event: InvoiceDetected, portal: Files, progress: Progress, followed: Followed, wait: Callable[[float], bool]
) -> FileInfo | None:
    """`whereabouts` once the move was followed; a lost operation gets `LOST_PATIENCE_S` to show its effect."""
    file = whereabouts(event, portal, progress, followed.files)
    looks = int(LOST_PATIENCE_S / LOST_WAIT_S) if followed.word is Word.UNKNOWN else 0
    for _ in range(looks):
        if is_filed(event, file) or wait(LOST_WAIT_S):
            break
        file = whereabouts(event, portal, progress, followed.files)
    return file
