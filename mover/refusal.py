"""What a refusal stands for: one 403 for a missing right, a lock, an editor and a missing file, one 404 for a
missing file and a missing destination.

So it asks the portal about the file and the folders around it, and lets `plan` judge.
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
    """A look at the file was refused: it is in somebody's trash, or the service user is not in the room.

    `sent`: it may have been moved, and lie in a destination that the service user sees no more.
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
    """The move was refused, and `file` was looked at since."""
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
