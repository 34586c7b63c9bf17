"""Moving: what the portal checks before it queues a move, and what happens when the move is carried out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from simulator import seed
from simulator.errors import DeniedError
from simulator.model import Conflict, File, Folder, Id, Move, Operation
from simulator.rights import Rights
from simulator.tree import Tree


def check(  # noqa: PLR0917 - one request
    tree: Tree,
    rights: Rights,
    user_id: str,
    file_ids: list[Id],
    folder_ids: list[Id],
    dest_id: Id,
    conflict: Conflict,
) -> None:
    """NotFoundError for a missing destination, DeniedError for all else, a missing source too."""
    dest = tree.folder(dest_id)
    if not rights.may_create(user_id, dest) or tree.section(dest_id).id != seed.ROOMS:
        raise DeniedError
    for file_id in file_ids:
        file = tree.files.get(file_id)
        if file is None or not rights.may_move(user_id, file):
            raise DeniedError
        skipped = conflict == Conflict.SKIP and tree.files.titled(dest_id, file.title) is not None
        if not skipped and rights.is_busy(user_id, file):
            raise DeniedError
    for folder_id in folder_ids:
        folder = tree.folders.get(folder_id)
        if folder is None or not rights.of_folder(user_id, folder)["Move"]:
            raise DeniedError


class Mover:
    def __init__(self, tree: Tree, rights: Rights, now: Callable[[], datetime]) -> None:
        self._tree = tree
        self._rights = rights
        self._now = now

    def run(self, operation: Operation) -> list[Move]:
        """Carry out the files' part; changes the tree and the operation's results."""
        if operation.dest_id is None or operation.dest_id not in self._tree.folders:
            operation.error = "The required folder was not found"
            return []
        dest = self._tree.folder(operation.dest_id)
        moves: list[Move] = []
        for file_id in operation.file_ids:
            file = self._tree.files.get(file_id)
            if file is None:
                operation.error = "The required file was not found"
                continue
            if file.folder_id == dest.id:
                continue
            if self._rights.is_busy(operation.user_id, file) and not self._is_skipped(operation, file, dest):
                operation.error = f"The file {file.title} is locked or being edited"
                continue
            source = file.folder_id
            new_id = self._move(file, dest, operation.conflict)
            if new_id is not None:
                operation.done_files.append(new_id)
                operation.processed += 1
                moves.append(Move(file_id, new_id, file.title, source, dest.id, self._now(), operation.id))
        return moves

    def run_folders(self, operation: Operation) -> list[Folder]:
        moved: list[Folder] = []
        for folder_id in operation.folder_ids:
            folder = self._tree.folders.get(folder_id)
            if folder is None or operation.dest_id is None:
                operation.error = "The required folder was not found"
            elif folder.parent_id != operation.dest_id:
                folder.parent_id = operation.dest_id
                operation.done_folders.append(folder.id)
                operation.processed += 1
                moved.append(folder)
        return moved

    def _is_skipped(self, operation: Operation, file: File, dest: Folder) -> bool:
        same = self._tree.files.titled(dest.id, file.title)
        return operation.conflict == Conflict.SKIP and same is not None

    def _move(self, file: File, dest: Folder, conflict: Conflict) -> Id | None:
        """The id the file has afterwards; None where it was skipped."""
        tree = self._tree
        same = tree.files.titled(dest.id, file.title)
        if same is not None and conflict == Conflict.SKIP:
            return None
        if same is not None and conflict == Conflict.OVERWRITE:
            same.version += 1
            same.size, same.modified, same.modified_by = file.size, self._now(), file.modified_by
            del tree.files[file.id]
            return same.id
        source = tree.folder(file.folder_id)
        if not source.provider and not dest.provider:
            tree.files.place(file, dest.id, file.title)  # the id, the version and the dates stay
            return file.id
        title = tree.free_title(dest.id, file.title) if dest.provider else file.title
        new = replace(file, id=tree.new_file_id(dest, title), title=title, folder_id=dest.id, version=1)
        del tree.files[file.id]
        tree.files[new.id] = new
        return new.id
