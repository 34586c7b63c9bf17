"""Uploads, simple and chunked: which file comes of them and which webhooks each kind fires."""

import uuid

from simulator.errors import BadRequestError, DeniedError, NotFoundError
from simulator.model import File, Id, UploadSession, User
from simulator.portal import Portal


def simple(portal: Portal, user: User, folder_id: Id, title: str, size: int, *, create_new: bool = False) -> File:
    """One request with the whole file: `file.created` and then `file.uploaded`, with an id each."""
    with portal.lock:
        file = _store(portal, user, folder_id, title, size, create_new=create_new)
        portal.publish_file("file.created", user.id, file)
        portal.publish_file("file.uploaded", user.id, file)
        return file


def open_session(
    portal: Portal, user: User, folder_id: Id, title: str, size: int, *, create_new: bool
) -> UploadSession:
    with portal.lock:
        _check(portal, user, folder_id, title)
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
    """Store one chunk; the next one where no number is given. True when the announced size has come."""
    with portal.lock:
        session.received[len(session.received) if number is None else number] = data
        return sum(map(len, session.received.values())) >= session.size


def finish(portal: Portal, user: User, session: UploadSession) -> File:
    """`file.uploaded` alone."""
    with portal.lock:
        size = sum(map(len, session.received.values()))
        file = _store(portal, user, session.folder_id, session.title, size, create_new=session.create_new_if_exist)
        del portal.sessions[session.id]
        portal.publish_file("file.uploaded", user.id, file)
        return file


def abort(portal: Portal, user: User, session_id: str) -> None:
    with portal.lock:
        del portal.sessions[session_of(portal, user, session_id).id]


def _check(portal: Portal, user: User, folder_id: Id, title: str) -> None:
    folder = portal.tree.folder(folder_id)
    if not portal.rights.may_create(user.id, folder):
        raise DeniedError
    if not title.strip():
        raise BadRequestError("The file name is empty")


def _store(portal: Portal, user: User, folder_id: Id, title: str, size: int, *, create_new: bool) -> File:
    """A file of that name gets a new version and keeps its id, unless a new file was asked for."""
    _check(portal, user, folder_id, title)
    tree, now = portal.tree, portal.now()
    same = tree.files.titled(folder_id, title)
    if same is not None and not create_new:
        if portal.rights.is_busy(user.id, same):
            raise DeniedError
        same.version += 1
        same.size, same.modified, same.modified_by = size, now, user.id
        return same
    title = tree.free_title(folder_id, title)
    file = File(tree.new_file_id(tree.folder(folder_id), title), title, folder_id, size, user.id, now, user.id, now)
    tree.files[file.id] = file
    return file
