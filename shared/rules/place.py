"""A folder, room or section on the path to an entry, as the rules look at it. Values only."""

from dataclasses import dataclass

from shared.wire.events import EntryId


@dataclass(frozen=True, slots=True)
class Folder:
    id: EntryId
    title: str
    is_room: bool = False
    """A room that may be used, or one in the archive. A template is none."""
    tags: tuple[str, ...] = ()
    """Of a room."""
