"""Small changes of a file: its comment, and its lock."""

from simulator.errors import ForbiddenError
from simulator.model import File, Id, User
from simulator.portal import Portal

NO_EDIT = "You do not have enough permissions to edit the file"
COMMENT_KEPT = 255


def comment(portal: Portal, user: User, file_id: Id, version: object, text: str) -> None:
    """What is longer is cut without a word."""
    with portal.lock:
        file = portal.file(user, file_id)
        if version != file.version:
            raise ForbiddenError("The required file was not found")
        if not portal.rights.of_file(user.id, file)["Comment"]:
            raise ForbiddenError(NO_EDIT)
        file.comment = text[:COMMENT_KEPT]
        portal.publish_file("file.updated", user.id, file)


def set_lock(portal: Portal, user: User, file_id: Id, *, locked: bool) -> File:
    """Who unlocks one file unlocks every file that its locker had locked, and two events tell of the one."""
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
