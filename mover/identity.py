"""Finds out which file a message is about. If the event does not say, it asks the portal."""

from typing import Protocol

import msgspec

from mover import plan, refusal
from mover.refusal import Folders
from mover.whereabouts import Files
from shared.docspace.errors import ForbiddenError, NotFoundError
from shared.docspace.ids import is_own_storage
from shared.wire.events import InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import Outcome

ATTEMPTS_TOGETHER = 2
"""After one failed attempt a file is still handled with others: the portal may have been away for all of them."""


class Portal(Files, Folders, Protocol):
    """What both modules ask of the portal."""


def keeps_failing(message: Message) -> bool:
    """Whether it has failed so often that it is handled alone, and neither slows its neighbours nor splits their
    group.
    """
    return message.attempt > ATTEMPTS_TOGETHER


def identified(event: InvoiceDetected, message: Message, portal: Portal) -> InvoiceDetected | Outcome:
    """The event with the facts that identify its file: a version, and the time of creation in the API's
    spelling.
    """
    if not is_own_storage(event.file_id) or (event.version is not None and event.created_at is not None):
        return event
    try:
        file = portal.file(event.file_id, None if keeps_failing(message) else event.folder_id)
    except NotFoundError:
        return plan.gone()
    except ForbiddenError:
        return refusal.of_the_file(event, portal)
    if file.created_at is None:
        return plan.undated()
    if plan.is_another(event, file):
        return plan.used_again()
    version = file.version if event.version is None else event.version
    return msgspec.structs.replace(event, version=version, created_at=plan.created(file))
