"""Finds where a file is now. This, not the operation's word, decides whether an invoice is filed."""

from collections.abc import Callable
from typing import Protocol

from mover.follow import Followed, Word
from mover.plan import is_another, is_filed
from shared.docspace.errors import NotFoundError
from shared.docspace.model import FileInfo
from shared.wire.events import EntryId, InvoiceDetected

LOST_PATIENCE_S = 5.0
"""How long to look for a file whose operation the portal does not know: it may be moving all the same."""

LOST_WAIT_S = 0.5
"""Before the first of these looks, and twice as long before each next one."""

SEEN_S = 1.0
"""So long after a look, the classifier's or the mover's, a move may be sent by it. What changed meanwhile, the
portal refuses or the look after the move shows. But what got the id of a purged file is moved in its place."""


class Files(Protocol):
    def file(self, file_id: EntryId, expected_in: EntryId | None = None, /) -> FileInfo: ...
    def find_files(self, folder_id: EntryId, title: str, /) -> list[FileInfo]: ...


def is_fresh(looked_at: float | None, now: float) -> bool:
    """Whether a look is recent enough for a move to be sent by it; None: there was none."""
    return looked_at is not None and 0.0 <= now - looked_at <= SEEN_S


def look(event: InvoiceDetected, portal: Files, expected_in: EntryId | None = None) -> FileInfo | None:
    """The event's file as it is now, None if there is none, or its id is another's by now.

    `expected_in` is a folder worth looking in first.
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
    """What `find` finds once the move was followed; a lost operation gets `LOST_PATIENCE_S` to show its effect."""
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
