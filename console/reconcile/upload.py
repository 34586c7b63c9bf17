"""One upload as a listing shows it: when it was made, and what names it. Pure."""

from datetime import datetime

from shared.docspace.ids import SAME_S, is_own_storage
from shared.docspace.model import FileInfo, entry_time
from shared.store.sweeps.store import Identity


def uploaded_at(file: FileInfo) -> datetime | None:
    """Of the version that it has now. A later change of a first version was a rename or a restore.

    In third-party storage the file's own time is all that there is: the id is made of its path, and a renamed file
    is another.
    """
    changed, created = file.modified_at, file.created_at
    if file.version == 1 and is_own_storage(file.id) and changed and created:
        return created if (changed - created).total_seconds() > SAME_S else changed
    return changed or created


def identity(file: FileInfo) -> Identity:
    """Ids are given again; in third-party storage a version is nobody's to ask for, and the time tells."""
    if is_own_storage(file.id):
        return Identity(str(file.id), file.version, _text(file.created_at))
    return Identity(str(file.id), 0, _text(file.modified_at)[:19])


def _text(moment: datetime | None) -> str:
    return entry_time(moment) if moment else ""
