"""What to do about one invoice, given what is known about it. Pure: no I/O, no clock.

`mover.handler` asks these in its order; a None means "nothing speaks against going on".
"""

import msgspec

from mover.follow import Followed, Word
from shared.docspace.field import moment
from shared.docspace.folders import FORMS_ALONE, is_section, unusable
from shared.docspace.ids import differ, is_own_storage
from shared.docspace.model import FileInfo, FolderInfo, entry_time
from shared.store import released
from shared.store.ledger import Done, Held
from shared.text.codes import Code
from shared.wire.events import EntryId, InvoiceDetected, InvoiceFiled, decode
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Outcome, Retry, Skip

SETTLE_S = 60.0
"""How long a move whose answer never came may still be on its way; the portal queues in seconds or never."""


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the ledger keeps of a move that was sent, from before the request leaves until the file is filed."""

    sent_at: float
    """Seconds since the epoch."""
    source: EntryId
    """The folder that the file was in."""
    title: str
    operation_id: str | None = None
    """None until the portal's answer came."""
    namesakes: tuple[EntryId, ...] = ()
    """Files of the same title that were in the destination before: for `mover.third_party` alone."""
    modified_at: str | None = None
    """When the file was last changed, likewise: with its id, which comes again, it tells it from the next one."""


class Result(msgspec.Struct, frozen=True):
    """What the ledger keeps of a filed invoice: the fact, and the message that was first to state it."""

    message_id: str
    """`work_id` of that message."""
    filed: InvoiceFiled
    ended: bool = False
    """The portal told the end of the move: for `mover.third_party` alone, where the next file has the old id."""


def progress_from(text: str | None) -> Progress | None:
    """The progress in a claim; None too where it was taken back."""
    return decode(text.encode(), Progress) if text else None


def progress_text(progress: Progress | None) -> str:
    return msgspec.json.encode(progress).decode() if progress else ""


def result_from(text: str) -> Result:
    return decode(text.encode(), Result)


def created(file: FileInfo) -> str | None:
    """The file's time of creation as keys spell it; None where the portal did not say."""
    return entry_time(file.created_at) if file.created_at else None


def modified(file: FileInfo) -> str | None:
    """The file's time of its last change, as `Progress` keeps it."""
    return entry_time(file.modified_at) if file.modified_at else None


def is_another(event: InvoiceDetected, file: FileInfo) -> bool:
    """Whether the id that the event names is by now that of a file which was created at another time."""
    if not is_own_storage(event.file_id):
        return False  # the path is the id, and what lies there is the file
    if event.created_at is not None:
        return file.created_at is not None and created(file) != event.created_at
    if event.created_on is not None:
        return differ(moment(event.created_on), file.created_at)
    return not released.is_same_file(created(file), event.uploaded_at, None)


def is_of_file(done: Done, created_at: str | None) -> bool:
    """Whether a claim of the first released version is about the file that was created then."""
    filed = result_from(done.result).filed
    return released.is_same_file(created_at, filed.uploaded_at, done.completed_at)


def same_upload(held: Held) -> Skip:
    return Skip(f"another message of the same upload ({held.message}) is at work on it", Code.SAME_UPLOAD)


def at_work() -> Retry:
    """With the same message, delivered before; or a worker of the first release.

    No floor: the holder is done in a moment, and if it died, its lease ends soon.
    """
    return Retry("another worker is moving this file", Code.AT_WORK, untried=True, ages=False)


def undated() -> Retry:
    reason = "the portal does not say when the file was created, which tells it from others of its id"
    return Retry(reason, Code.UNDATED)


def overrides(message: Message, result_text: str) -> bool:
    """Whether an operator wants done again what another handling has done."""
    return bool(message.override) and result_from(result_text).message_id != message.work_id


def filed_again(result_text: str) -> Forward:
    return Forward(result_from(result_text).filed)


def already_filed(result_text: str, message_id: str) -> Outcome:
    """For a claim that is done: the message that did it crashed before it could publish, any other is a twin."""
    result = result_from(result_text)
    if result.message_id == message_id:
        return Forward(result.filed)
    reason = f"already filed: {result.filed.title!r} is in folder {result.filed.destination}"
    return Skip(reason, Code.ALREADY_FILED)


def result_of(event: InvoiceDetected, file: FileInfo, message_id: str, followed: Followed | None = None) -> Result:
    """The fact that `file`, which was seen in the destination, is filed."""
    nameless = event.uploaded_by is None or event.uploaded_by == file.created_by
    return Result(
        message_id=message_id,
        ended=followed is not None and followed.word is Word.FINISHED,
        filed=InvoiceFiled(
            file_id=file.id,
            source_file_id=event.file_id,
            created_at=created(file) if is_own_storage(event.file_id) else None,
            portal=event.portal,
            version=file.version,
            title=file.title or event.title,
            rule=event.rule,
            destination=event.destination,
            recipients=event.recipients,
            web_url=file.web_url,
            room_id=event.room_id,
            room_title=event.room_title,
            uploaded_by=(nameless and file.created_by_name) or event.uploaded_by,
            uploaded_by_email=event.uploaded_by_email,
            uploaded_at=event.uploaded_at,
        ),
    )


def is_filed(event: InvoiceDetected, file: FileInfo | None) -> bool:
    """Not where the destination itself is in a trash: that takes files, and is no place."""
    return file is not None and same(file.folder_id, event.destination) and not file.in_trash


def same(one: EntryId, other: EntryId) -> bool:
    """Ids of the portal's own storage come as numbers or as their text."""
    return str(one) == str(other)


def gone() -> Skip:
    return Skip("the file no longer exists", Code.GONE)


def used_again() -> Skip:
    return Skip("the file no longer exists: the portal gave its id to another one", Code.GONE)


def not_in_room(event: InvoiceDetected) -> Retry:
    room = event.room_title or event.room_id or event.folder_id or "of the upload"
    return Retry(
        f"the service user may not see the file: it is no member of room {room}, where it must be room manager, "
        "or the file's folder is in a trash",
        Code.HIDDEN,
        person=True,
    )


def moved_out_of_sight() -> Skip:
    return Skip("the file was deleted, or moved to where the service user may not see it", Code.GONE)


def in_trash(event: InvoiceDetected, file: FileInfo) -> Outcome:
    if same(file.folder_id, event.destination):
        reason = f"folder {event.destination}, the destination, is in the trash: restore it"
        return Retry(reason, Code.IN_TRASH, person=True)
    return Skip("the file was deleted: it is in the trash", Code.DELETED)


def obstacle(event: InvoiceDetected, file: FileInfo) -> Outcome | None:
    """What keeps the file from being moved now, or for good."""
    if file.in_trash:
        return in_trash(event, file)
    if file.archived:
        room = event.room_title or event.room_id or file.room_title or file.folder_id
        reason = f"room {room} is archived: nothing can be moved out of it until it is restored"
        return Retry(reason, Code.ARCHIVED, person=True)
    if file.editing:
        reason = f"{file.editing_by or 'someone'} has the file open in the editor"
        return Retry(reason, Code.OPEN_IN_EDITOR, person=True)
    if file.locked_by_other:
        return Retry(f"the file is locked by {file.locked_by}", Code.LOCKED, person=True)
    if file.can_move is False:
        room = event.room_title or event.room_id or file.folder_id
        reason = f"the service user may not move the file: make it room manager in room {room}"
        return Dead(reason, Code.NO_RIGHT)
    return None


def earlier_attempt(
    event: InvoiceDetected, file: FileInfo, progress: Progress, followed: Followed | None, now: float
) -> Outcome | None:
    """Why not to send a second move, when one was sent and the file is not in the destination."""
    if not same(file.folder_id, progress.source):
        return Dead(
            f"a move to folder {event.destination} was sent, but someone has put the file "
            f"in folder {file.folder_id} since: it is left there",
            Code.PUT_ELSEWHERE,
        )
    if followed is not None and followed.word in (Word.RUNNING, Word.STOPPING):
        return not_arrived(event, followed)
    settled_at = progress.sent_at + SETTLE_S
    if now >= settled_at:
        return None
    if progress.operation_id is None:
        reason = "a move was sent and its answer never came: it may still happen"
        return Retry(reason, Code.NOT_ARRIVED, settled_at - now)
    return None


def not_arrived(event: InvoiceDetected, followed: Followed) -> Outcome:
    """The move was queued, and a look showed that the file is not in the destination."""
    match followed.word:
        case Word.RUNNING:
            reason = f"the portal is still moving the file ({followed.progress} %)"
        case Word.STOPPING:
            reason = "the worker is stopping while the portal moves the file"
        case Word.UNKNOWN:
            reason = f"the portal lost the move operation, and the file is not in folder {event.destination}"
        case Word.FINISHED if followed.error:
            reason = f"the portal could not move the file: {followed.error}"
        case Word.FINISHED:
            reason = f"the portal said done, but the file is not in folder {event.destination}"
    return Retry(reason, Code.NOT_ARRIVED)


def claim_lost() -> Retry:
    """The lease ended although we held on to it: the database was away, or this process stood still."""
    return Retry("another worker may have taken the file over meanwhile", Code.CLAIM_LOST, ages=False)


def no_destination(event: InvoiceDetected) -> Dead:
    return Dead(f"{_destination(event)} does not exist on the portal", Code.NO_DESTINATION)


def forms_alone(event: InvoiceDetected) -> Dead:
    return Dead(f"{_destination(event)} {FORMS_ALONE}", Code.FORMS_ONLY)


def hidden_destination(event: InvoiceDetected) -> Retry:
    return Retry(
        f"the service user may not see folder {event.destination}, the destination of rule {event.rule}: it is no "
        "member of that room, or the folder is in a trash",
        Code.HIDDEN,
        person=True,
    )


def no_right_there(event: InvoiceDetected) -> Dead:
    return Dead(
        f"the service user may not move files to folder {event.destination}, the destination of rule "
        f"{event.rule}: make it room manager or content creator there",
        Code.NO_RIGHT,
    )


def refused(event: InvoiceDetected, destination: FolderInfo, said: str) -> Outcome:
    """A 403 that the source does not explain: the portal gives one text for a right, a lock and an editor."""
    why = unusable(destination)
    if why:
        code = Code.ARCHIVED if destination.archived else Code.IN_TRASH
        return Retry(f"{_destination(event)} {why}", code, person=True)
    if is_section(destination):
        return Dead(
            f"{_destination(event)} is a section of the portal, which takes no files: name a folder in a room",
            Code.NO_FOLDER,
        )
    if destination.can_create is False or destination.can_move_to is False:
        return no_right_there(event)
    return Retry(said, Code.PORTAL_REFUSED)


def _destination(event: InvoiceDetected) -> str:
    """Begins a sentence."""
    return f"folder {event.destination}, the destination of rule {event.rule},"
