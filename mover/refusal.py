"""What a 403 stands for: the portal gives one answer for a missing right, a lock, an editor and a missing file.

So it asks the portal about the file and the folders around it, and lets `plan` judge.
"""

from typing import Protocol

from mover import plan
from shared.docspace.errors import ForbiddenError, NotFoundError
from shared.docspace.model import FileInfo, FolderInfo
from shared.events import EntryId, InvoiceDetected
from shared.outcome import Outcome


class Folders(Protocol):
    def folder(self, folder_id: EntryId, /) -> FolderInfo: ...


def of_the_file(event: InvoiceDetected, portal: Folders) -> Outcome:
    """A look at the file was refused: it is in somebody's trash, or the service user is not in the room."""
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
        return plan.gone(event, None, now=0.0)
    outcome = plan.obstacle(event, file)
    if outcome:
        return outcome
    try:
        destination = portal.folder(event.destination)
    except NotFoundError:
        return plan.no_destination(event)
    except ForbiddenError:
        return plan.no_right_there(event)
    return plan.refused(event, destination, said)
