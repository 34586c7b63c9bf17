"""Where a pass looks: the ruled rooms, one of them, or a folder that came into one. Asks the portal for paths."""

from collections.abc import Iterator
from dataclasses import dataclass

from console.reconcile.baseline import Baselines
from shared.docspace.client import Client
from shared.docspace.errors import RefusedError
from shared.docspace.model import FileInfo
from shared.rules.ids import entry_id, id_text
from shared.store.sweeps.store import ALL, Due
from shared.wire.events import EntryId

ROOM, FOLDER, FILE = "room:", "folder:", "file:"


@dataclass(frozen=True, slots=True)
class Place:
    room: EntryId
    """A rule's room or folder."""
    folder: EntryId
    """What is listed: the room itself, or a folder in it."""

    @property
    def is_whole_room(self) -> bool:
        return id_text(self.room) == id_text(self.folder)

    def __str__(self) -> str:
        return f"room {self.room}" if self.is_whole_room else f"folder {self.folder} in room {self.room}"


def rooms(baselines: Baselines) -> tuple[Place, ...]:
    return tuple(Place(room, room) for room in baselines.rooms())


def places_of(due: Due, client: Client, baselines: Baselines) -> tuple[Place, ...]:
    """Of a room or folder; none where no rule's room is on the way to it, or it is gone. TransientError."""
    if due.scope == ALL:
        return rooms(baselines)
    if due.scope.startswith(ROOM):
        found = due.scope.removeprefix(ROOM)
        return tuple(Place(room, room) for room in baselines.rooms() if id_text(room) == found)
    folder = entry_id(due.scope.removeprefix(FOLDER))
    return tuple(Place(room, folder) for room in _ruled_above(folder, client, baselines))


def files_of(due: tuple[Due, ...], client: Client, baselines: Baselines) -> Iterator[tuple[Place, FileInfo]]:
    """Those that are still there and in a ruled room. One or two calls each."""
    for each in due:
        try:
            file = client.file(entry_id(each.scope.removeprefix(FILE)))
        except RefusedError:
            continue
        for room in _ruled_above(file.folder_id, client, baselines):
            yield Place(room, file.folder_id), file


def _ruled_above(folder: EntryId, client: Client, baselines: Baselines) -> list[EntryId]:
    ruled = {id_text(room): room for room in baselines.rooms()}
    if id_text(folder) in ruled and len(ruled) == 1:
        return [folder]
    try:
        path = client.folder_path(folder)
    except RefusedError:
        return []
    return [ruled[id_text(step.id)] for step in path if id_text(step.id) in ruled]
