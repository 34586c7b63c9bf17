"""The portal's state behind one lock. It decides and remembers; HTTP, webhooks and threads are elsewhere."""

import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime

from simulator import moving, payload, seed
from simulator.errors import BadRequestError, DeniedError, ForbiddenError
from simulator.faults import Faults
from simulator.model import (
    Conflict,
    File,
    Folder,
    FolderType,
    Id,
    Move,
    Operation,
    OperationType,
    Role,
    UploadSession,
    User,
)
from simulator.operations import Operations
from simulator.payload import Event
from simulator.rights import Rights
from simulator.tree import Tree

Publish = Callable[[Event, Callable[[str], bool]], None]
"""Takes an event, and a function that tells whether a user may read what it is about."""
After = Callable[[float, Callable[[], None]], None]
"""Calls a function after so many seconds."""


class Portal:
    """Every method takes the lock, so each is one step for the others."""

    def __init__(self, faults: Faults, now: Callable[[], datetime], publish: Publish, after: After) -> None:
        self.lock = threading.RLock()
        self.faults = faults
        self.now = now
        self._publish = publish
        self._after = after
        self.reset()

    def reset(self) -> None:
        """Back to the seed."""
        with self.lock:
            self.tree = Tree(self.now())
            self.rights = Rights(self.tree)
            self.operations = Operations()
            self.sessions: dict[str, UploadSession] = {}
            self.moves: list[Move] = []

    def publish_file(self, trigger: str, user_id: str, file: File) -> None:
        event = Event(trigger, user_id, self.now(), payload.of_file(self.tree, file))
        self._publish(event, lambda reader: self.rights.may_read_file(reader, file))

    def publish_folder(self, trigger: str, user_id: str, folder: Folder) -> None:
        event = Event(trigger, user_id, self.now(), payload.of_folder(self.tree, folder))
        self._publish(event, lambda reader: self.rights.may_read(reader, folder))

    def file(self, user: User, file_id: Id) -> File:
        """Raises NotFoundError, and ForbiddenError for who may not see it."""
        with self.lock:
            file = self.tree.file(file_id)
            if not self.rights.may_read_file(user.id, file):
                raise ForbiddenError("You don't have enough permission to view the file")
            return file

    def folder(self, user: User, folder_id: Id) -> Folder:
        with self.lock:
            folder = self.tree.folder(folder_id)
            if not self.rights.may_read(user.id, folder):
                raise ForbiddenError("You don't have enough permission to view the folder content")
            return folder

    def rename(self, user: User, file_id: Id, title: str) -> File:
        with self.lock:
            file = self.file(user, file_id)
            if not self.rights.of_file(user.id, file)["Rename"] or self.rights.is_busy(user.id, file):
                raise DeniedError
            self.tree.files.place(file, file.folder_id, title)
            file.modified, file.modified_by = self.now(), user.id
            self.publish_file("file.updated", user.id, file)
            return file

    def set_lock(self, user: User, file_id: Id, *, locked: bool) -> File:
        with self.lock:
            file = self.file(user, file_id)
            if not self.rights.of_file(user.id, file)["Lock"] or self.rights.is_busy(user.id, file):
                raise DeniedError
            file.locked_by = user.id if locked else ""
            self.publish_file("file.updated", user.id, file)
            return file

    def create_folder(self, user: User, parent_id: Id, title: str) -> Folder:
        with self.lock:
            parent = self.folder(user, parent_id)
            if not self.rights.may_create(user.id, parent):
                raise DeniedError
            if not title.strip():
                raise BadRequestError("title")
            folder = Folder(
                self.tree.new_folder_id(parent, title),
                title,
                parent_id,
                user.id,
                self.now(),
                provider=parent.provider,
            )
            self.tree.folders[folder.id] = folder
            self.publish_folder("folder.created", user.id, folder)
            return folder

    def create_room(self, user: User, title: str, room_type: int, tags: list[str]) -> Folder:
        with self.lock:
            if user.id in {seed.CLIENT.id, seed.NO_RIGHTS.id}:
                raise DeniedError
            if not title.strip():
                raise BadRequestError("title")
            section = self.tree.folder(seed.ROOMS)
            room = Folder(
                self.tree.new_folder_id(section, title), title, section.id, user.id, self.now(),
                type=FolderType.CUSTOM_ROOM, room_type=room_type,
                roles={seed.SERVICE.id: Role.MANAGER, seed.CLIENT.id: Role.CREATOR}, tags=tags,
            )  # fmt: skip
            self.tree.folders[room.id] = room
            self.publish_folder("room.created", user.id, room)
            return room

    def move(
        self, user: User, file_ids: list[Id], folder_ids: list[Id], dest_id: Id, conflict: Conflict, *, hold: bool
    ) -> Operation:
        """Check, and queue. Raises NotFoundError or DeniedError, as the portal does before it queues."""
        with self.lock:
            moving.check(self.tree, self.rights, user.id, file_ids, folder_ids, dest_id, conflict)
            lost = self.faults.operation_lost
            return self._queue(
                Operation(
                    str(uuid.uuid4()), OperationType.MOVE, user.id, hold, time.monotonic(),
                    self.faults.operation_ms / 1000, file_ids, folder_ids, dest_id, conflict, lost=lost,
                    moves=not self.faults.silent_noop and (not lost or self.faults.operation_lost_moves),
                    error=self.faults.operation_error,
                )
            )  # fmt: skip

    def delete(self, user: User, file_id: Id, *, hold: bool, immediately: bool) -> Operation:
        with self.lock:
            file = self.file(user, file_id)
            if not self.rights.may_move(user.id, file) or self.rights.is_busy(user.id, file):
                raise DeniedError
            return self._queue(
                Operation(
                    str(uuid.uuid4()), OperationType.DELETE, user.id, hold, time.monotonic(),
                    self.faults.operation_ms / 1000, [file_id], immediately=immediately,
                )
            )  # fmt: skip

    def _queue(self, operation: Operation) -> Operation:
        self.operations.add(operation)
        self._after(operation.duration_s, lambda: self._finish(operation))
        return operation

    def _finish(self, operation: Operation) -> None:
        with self.lock:
            if operation not in self.operations.all():
                return  # the portal was reset meanwhile
            if operation.moves and not operation.error:
                if operation.type == OperationType.MOVE:
                    self._run_move(operation)
                else:
                    self._run_delete(operation)
            operation.finished = True
            if operation.lost:
                self.operations.forget(operation.id)

    def _run_move(self, operation: Operation) -> None:
        mover = moving.Mover(self.tree, self.rights, self.now)
        for move in mover.run(operation):
            self.moves.append(move)
            self.publish_file("file.moved", operation.user_id, self.tree.file(move.new_file_id))
        for folder in mover.run_folders(operation):
            self.publish_folder("folder.moved", operation.user_id, folder)

    def _run_delete(self, operation: Operation) -> None:
        for file_id in operation.file_ids:
            file = self.tree.files.get(file_id)
            if file is None:
                operation.error = "The required file was not found"
                continue
            operation.processed += 1
            if operation.immediately or file.folder_id == seed.TRASH or isinstance(file.id, str):
                self.publish_file("file.deleted", operation.user_id, file)
                del self.tree.files[file_id]
            else:
                self.tree.files.place(file, seed.TRASH, file.title)
                file.modified_by = operation.user_id
                self.publish_file("file.trashed", operation.user_id, file)

    def read_operations(
        self, user: User, operation_id: str | None = None, kind: OperationType | None = None
    ) -> list[Operation]:
        with self.lock:
            return self.operations.read(user.id, operation_id, kind)
