"""Small changes: a file's comment and its lock, and the title of a folder or room."""

from simulator.errors import BadRequestError, DeniedError, ForbiddenError
from simulator.portal import titles
from simulator.portal.model import File, Folder, Id, User
from simulator.portal.portal import Portal

NO_EDIT = "You do not have enough permissions to edit the file"
COMMENT_KEPT = 255


def comment(portal: Portal, user: User, file_id: Id, version: object, text: str) -> None:
    """Set the comment. A text that is too long is cut, and the answer does not say so."""
    with portal.lock:
        file = portal.file(user, file_id)
        if version != file.version:
            raise ForbiddenError("The required file was not found")
        if not portal.rights.of_file(user.id, file)["Comment"]:
            raise ForbiddenError(NO_EDIT)
        file.comment = text[:COMMENT_KEPT]
        portal.publish_file("file.updated", user.id, file)


def set_lock(portal: Portal, user: User, file_id: Id, *, locked: bool) -> File:
    """Unlocking a file also unlocks all others that its locker had locked, and sends two events for this one."""
    with portal.lock:
        file = portal.file(user, file_id)
        if not portal.rights.of_file(user.id, file)["Lock"] or file.editing:
            raise ForbiddenError(NO_EDIT)
        if locked:
            file.locked_by = user.id
        else:
            _unlock_all(portal, file.locked_by)
        for _ in range(1 if locked else 2):
            portal.publish_file("file.updated", user.id, file)
        return file


def _unlock_all(portal: Portal, locker: str) -> None:
    for file in portal.tree.files.values():
        if locker and file.locked_by == locker:
            file.locked_by = ""


def rename_folder(portal: Portal, user: User, folder_id: Id, title: str) -> Folder:
    with portal.lock:
        folder = portal.folder(user, folder_id)
        if not portal.rights.of_folder(user.id, folder)["Rename"]:
            raise DeniedError
        if not title.strip():
            raise BadRequestError(titles.EMPTY)
        folder.title, folder.modified, folder.modified_by = titles.replaced(title), portal.now(), user.id
        portal.publish_folder("room.updated" if folder.room_type else "folder.updated", user.id, folder)
        return folder
