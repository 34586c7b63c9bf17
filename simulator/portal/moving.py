"""What the portal checks before it queues a move, and what it does with each file."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from simulator.errors import DeniedError, ForbiddenError, SourceGoneError
from simulator.portal.model import FORM_ROOM, Conflict, File, Folder, FolderType, Id, Move, Operation
from simulator.portal.rights import Rights
from simulator.portal.tree import Tree

NO_FORM = "The file cannot be moved to this room. Please try to move the ONLYOFFICE PDF form."
EDITED = "Cannot update the file because it's opened for editing"
MAY_NOT = "You don't have enough permission to move the file"


def check(  # noqa: PLR0917 - one request
    tree: Tree,
    rights: Rights,
    user_id: str,
    file_ids: list[Id],
    folder_ids: list[Id],
    dest_id: Id,
    conflict: Conflict,
) -> None:
    """Raises what the portal answers before it queues a move.

    NotFoundError: there is no destination. DeniedError: a right is missing, or the first file does not exist.
    SourceGoneError: another file does not exist. ForbiddenError: the destination takes no such file or folder.
    """
    for entry_id in (dest_id, *file_ids, *folder_ids):
        if entry_id not in tree.files and entry_id not in tree.folders:
            tree.check(entry_id)
    dest = tree.folder(dest_id)
    if not rights.may_create(user_id, dest):
        raise DeniedError
    for place, file_id in enumerate(file_ids):
        _check_file(tree, rights, user_id, file_id, dest, conflict, first=place == 0)
    for folder_id in folder_ids:
        folder = tree.folders.get(folder_id)
        if folder is None or not rights.of_folder(user_id, folder)["Move"]:
            raise DeniedError
        if folder in tree.path(dest_id):
            raise ForbiddenError("You cannot copy the folder to its subfolder")


def _check_file(  # noqa: PLR0917 - one file of the request
    tree: Tree, rights: Rights, user_id: str, file_id: Id, dest: Folder, conflict: Conflict, *, first: bool
) -> None:
    file = tree.files.get(file_id)
    if file is None:
        raise DeniedError if first else SourceGoneError
    if not rights.may_move(user_id, file):
        raise DeniedError
    room = tree.room(dest.id)
    if room is not None and room.room_type == FORM_ROOM:
        raise ForbiddenError(NO_FORM)
    if file.editing and not _is_skipped(tree, conflict, file, dest):
        raise DeniedError


@dataclass(frozen=True)
class Done:
    """One file that the operation counts as moved."""

    file: File
    trigger: str | None
    move: Move | None
    """None if the file was in the destination already."""


class Mover:
    def __init__(self, tree: Tree, rights: Rights, now: Callable[[], datetime]) -> None:
        self._tree = tree
        self._rights = rights
        self._now = now

    def file(self, operation: Operation, file_id: Id) -> Done | None:
        """Move one file: changes the tree and the operation's error. None if nothing was moved."""
        tree = self._tree
        dest, file = tree.folders.get(operation.dest_id or 0), tree.files.get(file_id)
        if dest is None:
            return None  # it was deleted meanwhile, and the portal reports no error
        if file is None:
            operation.error = "The required file was not found"
            return None
        if _is_skipped(tree, operation.conflict, file, dest):
            return None
        if file.editing or not self._rights.may_move(operation.user_id, file):
            operation.error = EDITED if file.editing else MAY_NOT
            return None
        if error := tree.over_quota(file, dest):
            operation.error, operation.moves = error, False  # the portal does not try the others
            return None
        return self._stay(operation, file) if file.folder_id == dest.id else self._move(operation, file, dest)

    def folder(self, operation: Operation, folder_id: Id) -> Folder | None:
        folder = self._tree.folders.get(folder_id)
        if folder is None or operation.dest_id not in self._tree.folders:
            operation.error = "The required folder was not found"
            return None
        folder.parent_id = operation.dest_id
        return folder

    def _stay(self, operation: Operation, file: File) -> Done:
        if operation.conflict != Conflict.OVERWRITE:
            return Done(file, "file.moved", None)
        file.version += 1
        return Done(file, None, None)

    def _move(self, operation: Operation, file: File, dest: Folder) -> Done:
        tree = self._tree
        source = tree.folder(file.folder_id)
        old_id, created, title = file.id, file.created, file.title
        trashed = tree.section(source.id).type == FolderType.TRASH
        same = tree.files.titled(dest.id, file.title)
        if same is not None and operation.conflict == Conflict.OVERWRITE:
            same.version += 1
            same.size, same.data = file.size, file.data
            same.modified, same.modified_by = self._now(), file.modified_by
            del tree.files[file.id]
            file = same
        elif source.provider or dest.provider:
            file = self._across(file, dest)
        else:
            tree.files.place(file, dest.id, file.title)  # the id, the version and the dates stay
        move = Move(old_id, created, file.id, title, source.id, dest.id, self._now(), operation.id)
        return Done(file, "file.restored" if trashed else "file.moved", move)

    def _across(self, file: File, dest: Folder) -> File:
        """Moves a file between two kinds of storage, which gives it a new id."""
        tree = self._tree
        title = tree.free_title(dest.id, file.title) if dest.provider else file.title
        new = replace(file, id=tree.new_file_id(dest, title), title=title, folder_id=dest.id, version=1)
        del tree.files[file.id]
        tree.files[new.id] = new
        return new


def _is_skipped(tree: Tree, conflict: Conflict, file: File, dest: Folder) -> bool:
    return conflict == Conflict.SKIP and tree.files.titled(dest.id, file.title) is not None
