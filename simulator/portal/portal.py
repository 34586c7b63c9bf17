"""The portal's state behind one lock. No HTTP, webhooks or threads here."""

import copy
import threading
from collections.abc import Callable
from datetime import datetime

from simulator.api.reading import Reader, reading
from simulator.errors import BadRequestError, DeniedError, ForbiddenError, QuotaError
from simulator.faults import Faults
from simulator.outgoing import payload
from simulator.outgoing.payload import Event
from simulator.portal import seed, titles
from simulator.portal.model import (
    ROOM_FOLDERS,
    Act,
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
from simulator.portal.moods import Moods
from simulator.portal.rights import Rights
from simulator.portal.running import Running
from simulator.portal.tree import Tree

Publish = Callable[[Event, Reader], None]
"""Takes an event, and a function that says whether a user may read the entry of the event."""

NO_FILE = "You don't have enough permission to view the file"
NO_FOLDER = "You don't have enough permission to view the folder content"


class Portal:
    """Every method takes the lock, so other threads never see one half done."""

    def __init__(
        self, faults: Faults, moods: Moods, now: Callable[[], datetime], publish: Publish, running: Running
    ) -> None:
        self.lock = threading.RLock()
        self.faults = faults
        self.moods = moods
        self.now = now
        self._publish = publish
        self._running = running
        self._backup: Tree | None = None
        self.reset()

    def reset(self) -> None:
        """Go back to the state at start."""
        with self.lock:
            self._use(Tree(self.now()))
            self.sessions: dict[str, UploadSession] = {}
            self.moves: list[Move] = []
            self.removed: set[str] = set()
            """The ids of users that were deleted."""

    def back_up(self) -> None:
        """Remember files and folders as they are now, for `restore`."""
        with self.lock:
            self._backup = copy.deepcopy(self.tree)

    def restore(self) -> None:
        """Bring back the files and folders of the last backup. Ids given since then will be given again."""
        with self.lock:
            if self._backup is None:
                raise BadRequestError("there is no backup yet")
            self._use(copy.deepcopy(self._backup))

    def _use(self, tree: Tree) -> None:
        self.tree = tree
        self.rights = Rights(tree)
        self._running.restart(self)

    @property
    def operations(self) -> Running:
        return self._running

    def publish_file(self, trigger: str, user_id: str, file: File) -> None:
        event = Event(trigger, user_id, self.now(), payload.of_file(self.tree, file))
        folder = self.tree.folder(file.folder_id)
        self._publish(event, lambda reader: reading(self.tree, self.rights, reader, folder, file.folder_id))

    def publish_folder(self, trigger: str, user_id: str, folder: Folder) -> None:
        event = Event(trigger, user_id, self.now(), payload.of_folder(self.tree, folder))
        self._publish(event, lambda reader: reading(self.tree, self.rights, reader, folder, folder.parent_id))

    def publish(self, event: Event, read: Reader) -> None:
        """Publish an event that is not about a file or a folder."""
        self._publish(event, read)

    def file(self, user: User, file_id: Id) -> File:
        """Raises NotFoundError. Raises ForbiddenError if the user may not see the file."""
        with self.lock:
            file = self.tree.file(file_id)
            if not self.rights.may_read_file(user.id, file):
                raise ForbiddenError(NO_FILE)
            return file

    def folder(self, user: User, folder_id: Id) -> Folder:
        with self.lock:
            folder = self.tree.folder(folder_id)
            if not self.rights.may_read(user.id, folder):
                raise ForbiddenError(NO_FOLDER)
            return folder

    def rename(self, user: User, file_id: Id, title: str) -> File:
        """Rename a file. An empty title changes nothing."""
        with self.lock:
            file = self.file(user, file_id)
            if not self.rights.of_file(user.id, file)["Rename"] or file.editing:
                raise DeniedError
            if not title.strip():
                return file
            self.tree.files.place(file, file.folder_id, titles.renamed(file.title, title))
            file.modified, file.modified_by = self.now(), user.id
            file.acts += (Act("FileRenamed", user.id, file.modified),)
            self.publish_file("file.updated", user.id, file)
            return file

    def create_folder(self, user: User, parent_id: Id, title: str) -> Folder:
        with self.lock:
            parent = self.folder(user, parent_id)
            titles.check_length(title, "Title")
            if not self.rights.may_create(user.id, parent):
                raise DeniedError
            if not title.strip():
                raise BadRequestError(titles.EMPTY)
            folder = Folder(
                self.tree.new_folder_id(parent, title),
                titles.replaced(title),
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
            if not user.is_room_admin:
                raise DeniedError
            if not title.strip():
                raise BadRequestError(titles.EMPTY)
            self._check_tariff()
            section = self.tree.folder(seed.ROOMS)
            room = Folder(
                self.tree.new_folder_id(section, title), titles.replaced(title), section.id, user.id, self.now(),
                type=ROOM_FOLDERS.get(room_type, FolderType.CUSTOM_ROOM), room_type=room_type,
                roles={seed.SERVICE.id: Role.MANAGER, seed.CLIENT.id: Role.CREATOR}, tags=tags,
            )  # fmt: skip
            self.tree.folders[room.id] = room
            self.publish_folder("room.created", user.id, room)
            return room

    def _check_tariff(self) -> None:
        most = self.moods.now.most_rooms
        if most is not None and sum(1 for _ in self.tree.folders_in(seed.ROOMS)) >= most:
            raise QuotaError(f"The number of rooms should not exceed {most}")

    def set_archived(self, user_id: str, room: Folder, *, archived: bool) -> None:
        with self.lock:
            room.parent_id = seed.ARCHIVE if archived else seed.ROOMS
            self.publish_folder("room.archived" if archived else "room.restored", user_id, room)

    def remove_user(self, user: User) -> None:
        """Remove a user. Their files in rooms then belong to the room's owner, and no user has changed them last.

        Their webhooks stay and are still called, but have no owner.
        """
        with self.lock:
            self.removed.add(user.id)
            for file in self.tree.files.values():
                room = self.tree.room(file.folder_id)
                if room is not None and file.created_by == user.id:
                    file.created_by = room.created_by
                if file.modified_by == user.id:
                    file.modified_by = seed.REMOVED.id
            for folder in self.tree.folders.values():
                folder.roles.pop(user.id, None)

    def move(
        self, user: User, file_ids: list[Id], folder_ids: list[Id], dest_id: Id, conflict: Conflict, *, hold: bool
    ) -> Operation:
        """Check and queue a move. As in the portal, the errors of `moving.check` come before it is queued."""
        with self.lock:
            return self._running.move(user, file_ids, folder_ids, dest_id, conflict, hold=hold)

    def delete(self, user: User, file_id: Id, *, hold: bool, immediately: bool) -> Operation:
        with self.lock:
            file = self.file(user, file_id)
            if not self.rights.of_file(user.id, file)["Delete"] or file.editing:
                raise DeniedError
            return self._running.delete(user, [file_id], [], hold=hold, immediately=immediately)

    def delete_folder(self, user: User, folder_id: Id, *, hold: bool, immediately: bool) -> Operation:
        with self.lock:
            folder = self.folder(user, folder_id)
            if not self.rights.of_folder(user.id, folder)["Delete"]:
                raise DeniedError
            return self._running.delete(user, [], [folder_id], hold=hold, immediately=immediately)

    def read_operations(
        self, user: User, operation_id: str | None = None, kind: OperationType | None = None
    ) -> list[Operation]:
        with self.lock:
            return self._running.read(user, operation_id, kind)
