"""Simple and chunked uploads: which file each makes and which events it publishes."""

import uuid

from simulator.errors import BrokenError, DeniedError, NotFoundError, QuotaError
from simulator.portal import titles
from simulator.portal.model import FORM_ROOM, Act, File, Folder, Id, UploadSession, User
from simulator.portal.portal import Portal

NO_FORM = "The file cannot be uploaded to this room. Please try to upload the ONLYOFFICE PDF form."


def simple(portal: Portal, user: User, folder_id: Id, title: str, data: bytes, *, create_new: bool = False) -> File:
    """One request with the whole file. It sends `file.created`, then `file.uploaded`, each with its own id."""
    with portal.lock:
        file = _store(portal, user, folder_id, title, data, create_new=create_new)
        portal.publish_file("file.created", user.id, file)
        portal.publish_file("file.uploaded", user.id, file)
        return file


def text(portal: Portal, user: User, folder_id: Id, title: str, content: str) -> File:
    """A file that the portal makes of a text. It sends only `file.created`."""
    with portal.lock:
        file = _store(portal, user, folder_id, title, content.encode(), create_new=True)
        portal.publish_file("file.created", user.id, file)
        return file


def open_session(
    portal: Portal, user: User, folder_id: Id, title: str, size: int, *, create_new: bool
) -> UploadSession:
    with portal.lock:
        _check(portal, user, folder_id)
        titles.of_upload(title)
        session = UploadSession(uuid.uuid4().hex, folder_id, title, size, user.id, portal.now(), create_new)
        portal.sessions[session.id] = session
        return session


def session_of(portal: Portal, user: User, session_id: str) -> UploadSession:
    with portal.lock:
        session = portal.sessions.get(session_id)
        if session is None or session.user_id != user.id:
            raise NotFoundError("The upload session was not found")
        return session


def add_chunk(portal: Portal, session: UploadSession, number: int | None, data: bytes) -> bool:
    """Store one chunk; without a number it is the next one. True once the announced size has arrived."""
    with portal.lock:
        session.received[len(session.received) if number is None else number] = data
        return sum(map(len, session.received.values())) >= session.size


def finish(portal: Portal, user: User, session: UploadSession) -> File:
    """Make the file. It sends only `file.uploaded`."""
    with portal.lock:
        data = b"".join(session.received[number] for number in sorted(session.received))
        file = _store(portal, user, session.folder_id, session.title, data, create_new=session.create_new_if_exist)
        del portal.sessions[session.id]
        portal.publish_file("file.uploaded", user.id, file)
        return file


def abort(portal: Portal, user: User, session_id: str) -> None:
    with portal.lock:
        del portal.sessions[session_of(portal, user, session_id).id]


def _check(portal: Portal, user: User, folder_id: Id) -> Folder:
    folder = portal.tree.folder(folder_id)
    if not portal.rights.may_create(user.id, folder):
        raise DeniedError
    room = portal.tree.room(folder_id)
    if room is not None and room.room_type == FORM_ROOM:
        raise BrokenError(NO_FORM, "System.InvalidOperationException", -2146233079)
    return folder


def _store(portal: Portal, user: User, folder_id: Id, name: str, data: bytes, *, create_new: bool) -> File:
    """If a file has that title and the user may edit it, it gets a new version and keeps its id.

    Else, and for every guest, the upload becomes a second file with that title. With `create_new` it gets another.
    """
    folder, title = _check(portal, user, folder_id), titles.of_upload(name)
    tree, now = portal.tree, portal.now()
    same = tree.files.titled(folder_id, title)
    if same is not None and not create_new and portal.rights.may_edit(user.id, same):
        same.version += 1
        same.size, same.data, same.modified, same.modified_by = len(data), data, now, user.id
        same.acts += (Act("UserFileUpdated", user.id, now),)
        return same
    title = tree.free_title(folder_id, title) if create_new or folder.provider else title
    file = File(tree.new_file_id(folder, title), title, folder_id, len(data), user.id, now, user.id, now, data=data)
    file.acts = (Act("FileUploaded", user.id, now),)
    if error := tree.over_quota(file, folder):
        raise QuotaError(error)
    tree.files[file.id] = file
    return file
