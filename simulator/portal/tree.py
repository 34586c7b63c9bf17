"""Where files and folders lie, and the way up to their room and section. No rights, no I/O."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from simulator.errors import BrokenError, NotFoundError, SelectorError
from simulator.portal import seed
from simulator.portal.files import Files
from simulator.portal.model import File, Folder, Id

BEYOND = 2**31
"""The first number that cannot be an id in the portal's own storage."""
ACCOUNT = re.compile(r"sbox-\d+(-\|.*)?", re.DOTALL)
"""An id in third-party storage. Its account may exist or not."""


class Tree:
    def __init__(self, now: datetime) -> None:
        self.folders: dict[Id, Folder] = seed.folders(now)
        self.files = Files()
        # A later start begins with higher ids: files are forgotten, but a ledger may know their ids as done.
        self._first_file = seed.FIRST_FILE + int(now.timestamp()) % 100_000_000
        self._next_folder = seed.FIRST_FOLDER

    def file(self, file_id: Id) -> File:
        """Raises NotFoundError. Raises SelectorError or BrokenError for an id of storage that does not exist."""
        try:
            return self.files[file_id]
        except KeyError:
            self.check(file_id)
            raise NotFoundError("The required file was not found") from None

    def folder(self, folder_id: Id) -> Folder:
        """Raises the same errors as `file`."""
        try:
            return self.folders[folder_id]
        except KeyError:
            self.check(folder_id)
            raise NotFoundError("The required folder was not found") from None

    @staticmethod
    def check(entry_id: Id) -> None:
        """Raise the portal's error for an id that is not its own: it finds no such third-party storage."""
        if isinstance(entry_id, int):
            if entry_id >= BEYOND:
                raise SelectorError
        elif entry_id.startswith(seed.DROPBOX_ROOM):
            return
        elif ACCOUNT.fullmatch(entry_id):
            raise BrokenError("Sequence contains no elements", "System.InvalidOperationException", -2146233079)
        else:
            raise SelectorError

    def path(self, folder_id: Id) -> list[Folder]:
        """The section, the room, and every folder down to and with this one."""
        return list(self._upwards(folder_id))[::-1]

    def _upwards(self, folder_id: Id) -> Iterator[Folder]:
        step: Id | None = folder_id
        while step is not None:
            folder = self.folder(step)
            yield folder
            step = folder.parent_id

    def section(self, folder_id: Id) -> Folder:
        return self.path(folder_id)[0]

    def room(self, folder_id: Id) -> Folder | None:
        return next((folder for folder in self._upwards(folder_id) if folder.room_type is not None), None)

    def root_id(self, folder_id: Id) -> Id:
        """The `rootId` of a webhook: the section and not the room. In a third-party room, the provider's root."""
        top = self.path(folder_id)
        return next((folder.id for folder in top if folder.provider), top[0].id)

    def folders_in(self, folder_id: Id) -> Iterator[Folder]:
        return (folder for folder in self.folders.values() if folder.parent_id == folder_id)

    def below(self, folder_id: Id) -> Iterator[Folder]:
        """Every folder under this one, at any depth."""
        inside: defaultdict[Id | None, list[Folder]] = defaultdict(list)
        for folder in self.folders.values():
            inside[folder.parent_id].append(folder)
        waiting = inside[folder_id][::-1]
        while waiting:
            folder = waiting.pop()
            yield folder
            waiting.extend(inside[folder.id][::-1])

    def size(self, folder_id: Id) -> int:
        """The bytes of all files in it, at any depth."""
        places = (folder_id, *(folder.id for folder in self.below(folder_id)))
        return sum(file.size for place in places for file in self.files.inside(place))

    def over_quota(self, file: File, dest: Folder) -> str:
        """The portal's error if the file exceeds the room's quota; empty if it does not."""
        room = self.room(dest.id)
        if room is None or room.quota is None or (file.id in self.files and room is self.room(file.folder_id)):
            return ""
        fits = self.size(room.id) + file.size <= room.quota
        return "" if fits else f"Room space quota exceeded ({room.quota:,} bytes)."

    def free_title(self, folder_id: Id, title: str) -> str:
        """The title, or if it is taken `a (1).pdf` and so on."""
        stem, dot, extension = title.rpartition(".")
        stem, extension = (stem, dot + extension) if dot else (title, "")
        candidate, number = title, 0
        while self.files.titled(folder_id, candidate):
            number += 1
            candidate = f"{stem} ({number}){extension}"
        return candidate

    def new_file_id(self, folder: Folder, title: str) -> Id:
        """One more than the highest id, so the id of a deleted file may be given again.

        In third-party storage a string made of the path, because the provider has no numbers.
        """
        if folder.provider:
            prefix = str(folder.id) if "|" in str(folder.id) else f"{folder.id}-"
            return f"{prefix}|{title.replace('/', '|')}"
        return max(self.files.highest(), self._first_file - 1) + 1

    def new_folder_id(self, parent: Folder, title: str) -> Id:
        if parent.provider:
            return self.new_file_id(parent, title)
        self._next_folder += 1
        return self._next_folder - 1
