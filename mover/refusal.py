"""Finds out why the portal refused. It answers 403 for a missing right, a lock, an open editor or a missing
file, and 404 for a missing file or a missing destination. So the file and the folders around it are asked
for, and `plan` judges.
"""

from typing import Protocol

from mover import plan
from shared.docspace.errors import ForbiddenError, NotFoundError
from shared.docspace.folders import takes_forms_alone
from shared.docspace.model import FileInfo, FolderInfo
from shared.wire.events import EntryId, InvoiceDetected
from shared.wire.outcome import Outcome, Retry


class Folders(Protocol):
    def folder(self, folder_id: EntryId, /) -> FolderInfo: ...
    def folder_path(self, folder_id: EntryId, /) -> tuple[FolderInfo, ...]: ...


def of_the_file(event: InvoiceDetected, portal: Folders, *, sent: bool = False) -> Outcome:
    """The portal refused to show the file. It is in somebody's trash, or the service user is no member of the
    room.

    `sent`: a move was sent, so it may be in a destination that the service user no longer sees.
    """
    if sent:
        try:
            portal.folder(event.destination)
        except ForbiddenError:
            return plan.hidden_destination(event)
        except NotFoundError:
            pass
    folder_id = event.folder_id or event.room_id
    if folder_id is None:
        return plan.not_in_room(event)
    try:
        portal.folder(folder_id)
    except ForbiddenError:
        return plan.not_in_room(event)
    except NotFoundError:
        pass  # the file went with its folder
    return plan.moved_out_of_sight()


def of_the_move(event: InvoiceDetected, file: FileInfo | None, portal: Folders, said: str) -> Outcome:
    """The portal refused the move, and `file` is what a look since then showed."""
    if file is None:
        return plan.gone()
    outcome = plan.obstacle(event, file)
    if outcome:
        return outcome
    try:
        destination = portal.folder(event.destination)
    except NotFoundError:
        return plan.no_destination(event)
    except ForbiddenError:
        return plan.hidden_destination(event)
    outcome = plan.refused(event, destination, said)
    if (
        isinstance(outcome, Retry)
        and not outcome.person
        and takes_forms_alone(portal.folder_path(event.destination))
    ):
        return plan.forms_alone(event)
    return outcome
