"""Queues file operations, carries them out item by item, and ends them. Changes the tree and publishes events."""

import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from simulator.errors import DeniedError
from simulator.gate.pace import Timeline
from simulator.portal import moving, seed
from simulator.portal.model import Conflict, File, Folder, Id, Operation, OperationType, User
from simulator.portal.operations import Operations

if TYPE_CHECKING:
    from simulator.portal.portal import Portal

After = Callable[[float, Callable[[], None]], None]
"""Calls a function after so many seconds."""
Pace = Callable[[int], Timeline]
"""Takes the number of items of an operation."""


class Running:
    """Callers hold the portal's lock. What runs later takes the lock itself."""

    _portal: "Portal"

    def __init__(self, after: After, pace: Pace, worked: Callable[[float], None]) -> None:
        """`worked` gets the seconds of work of each operation."""
        self._after = after
        self._pace = pace
        self._worked = worked
        self._records = Operations()

    def restart(self, portal: "Portal") -> None:
        """Go on with other files and folders. Operations under way are forgotten."""
        self._portal = portal
        self._records = Operations()

    def all(self) -> list[Operation]:
        return self._records.all()

    def read(self, user: User, operation_id: str | None, kind: OperationType | None) -> list[Operation]:
        return self._records.read(user.id, time.monotonic(), operation_id, kind)

    def move(
        self, user: User, file_ids: list[Id], folder_ids: list[Id], dest_id: Id, conflict: Conflict, *, hold: bool
    ) -> Operation:
        portal, faults = self._portal, self._portal.faults
        moving.check(portal.tree, portal.rights, user.id, file_ids, folder_ids, dest_id, conflict)
        lost = faults.operation_lost
        stays = faults.silent_noop or faults.operation_error or (lost and not faults.operation_lost_moves)
        return self._queue(
            Operation(
                str(uuid.uuid4()), OperationType.MOVE, user.id, hold, file_ids, folder_ids, dest_id, conflict,
                lost=lost, error=faults.operation_error, moves=not stays,
            )
        )  # fmt: skip

    def delete(
        self, user: User, file_ids: list[Id], folder_ids: list[Id], *, hold: bool, immediately: bool
    ) -> Operation:
        operation = Operation(str(uuid.uuid4()), OperationType.DELETE, user.id, hold, file_ids, folder_ids)
        operation.immediately = immediately
        return self._queue(operation)

    def copy(self, user: User, file_ids: list[Id], dest_id: Id, *, hold: bool) -> Operation:
        tree, rights = self._portal.tree, self._portal.rights
        may = rights.may_create(user.id, tree.folder(dest_id))
        if not may or not all(rights.of_file(user.id, tree.file(file_id))["Copy"] for file_id in file_ids):
            raise DeniedError
        return self._queue(
            Operation(str(uuid.uuid4()), OperationType.COPY, user.id, hold, file_ids, dest_id=dest_id)
        )

    def archive(self, user: User, room: Folder, *, hold: bool, archived: bool) -> Operation:
        """Archive a room, or bring it back. Only its owner and administrators may."""
        if room.room_type is None or not (user.is_admin or room.created_by == user.id):
            raise DeniedError
        section = seed.ARCHIVE if archived else seed.ROOMS
        return self._queue(Operation(str(uuid.uuid4()), OperationType.MOVE, user.id, hold, [], [room.id], section))

    def _queue(self, operation: Operation) -> Operation:
        records = self._records
        operation.changed = time.monotonic()
        records.add(operation)
        items = [
            *(partial(self._file, operation, file_id) for file_id in operation.file_ids),
            *(partial(self._folder, operation, folder_id) for folder_id in operation.folder_ids),
        ]
        timeline = self._pace(len(items))
        self._worked(timeline.work_s)
        for at_s, item in zip(timeline.items_s, items, strict=True):
            self._after(at_s, partial(self._step, records, operation, item))
        self._after(timeline.end_s, partial(self._end, records, operation))
        return operation

    def _step(self, records: Operations, operation: Operation, item: Callable[[], None]) -> None:
        with self._portal.lock:
            if records is not self._records or not operation.moves:
                return  # the portal was reset, or a fault lets the operation do nothing
            item()
            operation.handled += 1
            operation.changed = time.monotonic()

    def _end(self, records: Operations, operation: Operation) -> None:
        with self._portal.lock:
            if records is not self._records:
                return
            if operation.dest_id in self._portal.tree.folders and not operation.done_files:
                operation.done_folders.insert(0, operation.dest_id)
            operation.finished = True
            operation.changed = time.monotonic()
            if operation.lost:
                records.forget(operation.id)

    def _file(self, operation: Operation, file_id: Id) -> None:
        if operation.type == OperationType.DELETE:
            self._delete_file(operation, file_id)
            return
        if operation.type == OperationType.COPY:
            self._copy_file(operation, file_id)
            return
        portal = self._portal
        done = moving.Mover(portal.tree, portal.rights, portal.now).file(operation, file_id)
        if done is None:
            return
        operation.processed += 1
        if done.file.id not in operation.done_files:
            operation.done_files.append(done.file.id)
        if done.move is not None:
            portal.moves.append(done.move)
        if done.trigger is not None:
            portal.publish_file(done.trigger, operation.user_id, done.file)

    def _folder(self, operation: Operation, folder_id: Id) -> None:
        portal = self._portal
        folder = portal.tree.folders.get(folder_id)
        if folder is not None and operation.type == OperationType.DELETE:
            self._delete_folder(operation, folder)
        elif folder is not None and folder.room_type is not None:
            portal.set_archived(operation.user_id, folder, archived=operation.dest_id == seed.ARCHIVE)
        else:
            trashed = folder is not None and portal.tree.section(folder.id).id in seed.TRASHES.values()
            folder = moving.Mover(portal.tree, portal.rights, portal.now).folder(operation, folder_id)
            if folder is None:
                return
            portal.publish_folder("folder.restored" if trashed else "folder.moved", operation.user_id, folder)
        operation.processed += 1
        operation.done_folders.append(folder_id)

    def _copy_file(self, operation: Operation, file_id: Id) -> None:
        """The copy is a new file. It belongs to the user who copies."""
        portal, user_id, now = self._portal, operation.user_id, self._portal.now()
        file, dest = portal.tree.files.get(file_id), portal.tree.folders.get(operation.dest_id or 0)
        if file is None or dest is None:
            operation.error = "The required file was not found"
            return
        id_ = portal.tree.new_file_id(dest, file.title)
        copy = File(id_, file.title, dest.id, file.size, user_id, now, user_id, now, data=file.data)
        portal.tree.files[copy.id] = copy
        operation.processed += 1
        operation.done_files.append(copy.id)
        portal.publish_file("file.copied", user_id, copy)

    def _delete_file(self, operation: Operation, file_id: Id) -> None:
        portal = self._portal
        file = portal.tree.files.get(file_id)
        if file is None:
            operation.error = "The required file was not found"
            return
        operation.processed += 1
        if operation.immediately or file.folder_id in seed.TRASHES.values() or isinstance(file.id, str):
            portal.publish_file("file.deleted", operation.user_id, file)
            del portal.tree.files[file_id]
        else:
            self._trash(operation.user_id, file)

    def _trash(self, user_id: str, file: File) -> None:
        """Put the file into the trash of the user who deleted it. The event shows the file as it was before."""
        portal = self._portal
        portal.publish_file("file.trashed", user_id, file)
        portal.tree.files.place(file, seed.TRASHES[user_id], file.title)
        file.modified, file.modified_by = portal.now(), user_id

    def _delete_folder(self, operation: Operation, folder: Folder) -> None:
        """There is one event for the folder, and none for the files in it."""
        portal = self._portal
        in_trash = portal.tree.section(folder.id).id in seed.TRASHES.values()
        if not (operation.immediately or in_trash):
            portal.publish_folder("folder.trashed", operation.user_id, folder)
            folder.parent_id = seed.TRASHES[operation.user_id]
            return
        is_room = folder.room_type is not None
        if is_room:
            operation.dest_id = seed.ARCHIVE  # the portal names the archive, though the room was never there
        portal.publish_folder("room.deleted" if is_room else "folder.deleted", operation.user_id, folder)
        for place in [*portal.tree.below(folder.id), folder]:
            for file in list(portal.tree.files.inside(place.id)):
                del portal.tree.files[file.id]
            del portal.tree.folders[place.id]
