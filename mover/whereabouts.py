"""Finds out where a file is now. A look decides whether an invoice is filed, whatever the operation says."""

from collections.abc import Callable
from typing import Protocol

from mover.follow import Followed, Word
from mover.plan import is_another, is_filed
from shared.docspace.errors import NotFoundError
from shared.docspace.model import FileInfo
from shared.wire.events import EntryId, InvoiceDetected

LOST_PATIENCE_S = 5.0
"""How long to look for a file if the portal does not know its operation: it may be moved all the same."""

LOST_WAIT_S = 0.5
"""The wait before the first of these looks; it doubles each time."""

SEEN_S = 1.0
"""A move may be sent for this long after a look at the file. If the file changes meanwhile, the portal refuses
the move or the look after it shows the change. But if the file is purged and its id is given to another file,
that one is moved."""


class Files(Protocol):
    def file(self, file_id: EntryId, expected_in: EntryId | None = None, /) -> FileInfo: ...
    def find_files(self, folder_id: EntryId, title: str, /) -> list[FileInfo]: ...


def is_fresh(looked_at: float | None, now: float) -> bool:
    """Whether a look is recent enough to send a move without another. None: there was no look."""
    return looked_at is not None and 0.0 <= now - looked_at <= SEEN_S


def look(event: InvoiceDetected, portal: Files, expected_in: EntryId | None = None) -> FileInfo | None:
    """The event's file as it is now. None if there is none, or if its id is another file's by now.

    `expected_in` is a folder where it probably is.
    """
    file = by_id(portal, event.file_id, expected_in)
    return None if file is None or is_another(event, file) else file


def by_id(portal: Files, file_id: EntryId, expected_in: EntryId | None = None) -> FileInfo | None:
    try:
        return portal.file(file_id, expected_in)
    except NotFoundError:
        return None


def after(
    followed: Followed,
    event: InvoiceDetected,
    find: Callable[[], FileInfo | None],
    wait: Callable[[float], bool],
) -> FileInfo | None:
    """What `find` returns after the move was followed. If the portal lost the operation, `find` is called for
    `LOST_PATIENCE_S`.
    """
    file = find()
    left_s = LOST_PATIENCE_S if followed.word is Word.UNKNOWN else 0.0
    wait_s = LOST_WAIT_S
    while left_s > 0 and not is_filed(event, file):
        if wait(min(wait_s, left_s)):
            break
        left_s -= wait_s
        wait_s *= 2
        file = find()
    return file
