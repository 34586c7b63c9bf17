"""What a folder's own state says of moving files there or from there. Pure.

Seen: an archived room answers every change with 403 and stays readable; a folder in one's own trash takes files; a
form-filling room says `Create` and `MoveTo` and takes no file but a PDF form (docs/explanation/portal.md).
"""

from collections.abc import Iterable

from shared.docspace.model import FolderInfo

FORMS_ALONE = "lies in a form-filling room, which takes ONLYOFFICE PDF forms alone: name another folder"


def unusable(folder: FolderInfo) -> str | None:
    """Why nothing can be filed there now, as the end of a sentence that begins with the folder's name."""
    if folder.archived:
        return "is in an archived room: restore the room, or name another folder"
    if folder.in_trash:
        return "is in the trash: restore it, or name another folder"
    return None


def is_section(folder: FolderInfo) -> bool:
    """Rooms, Archive, Trash …: they show `Create` and take no file."""
    return folder.parent_id == 0


def takes_forms_alone(path: Iterable[FolderInfo]) -> bool:
    """`path` is the way down to the folder."""
    return any(folder.is_form_room for folder in path)
