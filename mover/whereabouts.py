"""Finds where a file is now. This, not the operation's word, decides whether an invoice is filed."""

from collections.abc import Callable
from typing import Protocol

from mover.follow import Followed, Word
from mover.plan import Progress, changes_id, is_another, is_filed, modified, same
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


def source_of(event: InvoiceDetected) -> EntryId | None:
    """The folder of the upload, where a move out of it can wait for its turn without a look; else None."""
    if event.folder_id is None or event.created_at is None or changes_id(event, event.folder_id):
        return None
    return None if same(event.folder_id, event.destination) else event.folder_id


def is_fresh(looked_at: float | None, now: float) -> bool:
    """Whether a look is recent enough for a move to be sent by it; None: there was none."""
    return looked_at is not None and 0.0 <= now - looked_at <= SEEN_S


def look(event: InvoiceDetected, portal: Files, expected_in: EntryId | None = None) -> FileInfo | None:
    """The event's file as it is now, None if there is none, or its id is another's by now.

    `expected_in` is a folder worth looking in first.
    """
    file = _by_id(portal, event.file_id, expected_in)
    return None if file is None or is_another(event, file) else file


def _by_id(portal: Files, file_id: EntryId, expected_in: EntryId | None = None) -> FileInfo | None:
    try:
        return portal.file(file_id, expected_in)
    except NotFoundError:
        return None


def whereabouts(
    event: InvoiceDetected,
    portal: Files,
    progress: Progress | None,
    moved: tuple[EntryId, ...] = (),
    expected_in: EntryId | None = None,
    *,
    taken: Callable[[FileInfo], bool],
) -> FileInfo | None:
    """The file by its id; where a move was sent that changes the id, first by an id in `moved`.

    Then by its old id, if that is not the next upload of that name, which has it again. Then by its title: only in
    the destination, and never the `namesakes` that were there before the move; whether another upload became that
    file, the ledger knows. The next upload last: moved in its place, this one would be filed and nobody told.
    """
    if progress is None or not changes_id(event, progress.source):
        return look(event, portal, expected_in)
    for file_id in moved:
        if is_filed(event, file := _by_id(portal, file_id)):
            return file
    there = _by_id(portal, event.file_id)
    if there is not None and (progress.modified_at is None or modified(there) == progress.modified_at):
        return there
    oldest_first = reversed(portal.find_files(event.destination, progress.title))  # as the moves were sent
    arrived = (file for file in oldest_first if file.id not in progress.namesakes and not taken(file))
    return next(arrived, there)


def whereabouts_after(
    event: InvoiceDetected,
    portal: Files,
    progress: Progress,
    followed: Followed,
    *,
    wait: Callable[[float], bool],
    taken: Callable[[FileInfo], bool],
    expected_in: EntryId | None = None,
) -> FileInfo | None:
    """`whereabouts` once the move was followed; a lost operation gets `LOST_PATIENCE_S` to show its effect."""
    file = whereabouts(event, portal, progress, followed.files, expected_in, taken=taken)
    left_s = LOST_PATIENCE_S if followed.word is Word.UNKNOWN else 0.0
    wait_s = LOST_WAIT_S
    while left_s > 0 and not is_filed(event, file):
        if wait(min(wait_s, left_s)):
            break
        left_s -= wait_s
        wait_s *= 2
        file = whereabouts(event, portal, progress, followed.files, expected_in, taken=taken)
    return file
