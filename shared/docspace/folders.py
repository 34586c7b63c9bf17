"""Tells from a folder's own state whether files can be moved there or out of it. Pure.

Seen on a portal: an archived room can be read, and answers every change with 403. A folder in one's own trash
accepts files. A form-filling room shows `Create` and `MoveTo`, and accepts only PDF forms
(docs/explanation/portal.md).
"""

from collections.abc import Iterable

from shared.docspace.model import FolderInfo

FORMS_ALONE = "lies in a form-filling room, which takes ONLYOFFICE PDF forms alone: name another folder"


def unusable(folder: FolderInfo) -> str | None:
    """Why nothing can be moved there now, as the end of a sentence that begins with the folder's name; None if
    it can.
    """
    if folder.archived:
        return "is in an archived room: restore the room, or name another folder"
    if folder.in_trash:
        return "is in the trash: restore it, or name another folder"
    return None


def is_section(folder: FolderInfo) -> bool:
    """Whether it is a section (Rooms, Archive, Trash …). Sections show `Create` and accept no file."""
    return folder.parent_id == 0


def takes_forms_alone(path: Iterable[FolderInfo]) -> bool:
    """`path` holds the folders from the section down to the folder."""
    return any(folder.is_form_room for folder in path)
