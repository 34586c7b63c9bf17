"""The keys under which the ledger holds claims, where more than one part of the product must know them. Pure.

A portal gives a file's id again once its newest file is purged, and a restored backup gives many again: with the
version, the time of creation tells two files apart (docs/explanation/portal.md). The limit: a portal that is
restored to an older version of a file, to which another upload of the same version number comes.
"""

import hashlib

from shared.docspace.ids import is_own_storage, whole_second
from shared.rules.titles import normalise
from shared.wire.events import EntryId, PortalId


def move_key(
    portal: PortalId, file_id: EntryId, version: int | None, created_at: str | None, uploaded_at: str | None
) -> str:
    """One per upload. In third-party storage an id is made of the path: the next file of that name has it again.

    There the second of the upload tells them apart and not the version, which nobody can ask for after the move.
    """
    if is_own_storage(file_id):
        return f"move:{portal}:{file_id}:{version}:{created_at}"
    return f"move:{portal}:{file_id}:{whole_second(uploaded_at)}"


def of_turn(key: str, number: int) -> str:
    """Of the second, third … upload that has the same key."""
    return f"{key}:{number}"


def overridden(key: str, override: str) -> str:
    """Of the same work, which an operator wants done again."""
    return f"{key}:{override}"


def arrival_key(portal: PortalId, file_id: EntryId, created_at: str | None) -> str:
    """Under which it is kept whose upload a file in the destination was, where a move gave it a new id.

    In the portal's own storage its time of creation tells it from an earlier file of that id.
    """
    return f"arrived:{portal}:{file_id}:{created_at}" if is_own_storage(file_id) else f"arrived:{portal}:{file_id}"


def title_key(portal: PortalId, folder_id: EntryId, title: str) -> str:
    """Under which the latest file of that title that was filed in the folder is kept. The title may be long."""
    return f"title:{portal}:{folder_id}:{hashlib.sha256(normalise(title).encode()).hexdigest()[:32]}"


def death_key(message_id: str) -> str:
    """Under which it is kept when that message ended as a dead letter."""
    return f"died:{message_id}"


def announcement_key(
    portal: PortalId, source_file_id: EntryId, file_id: EntryId, version: int, created_at: str | None
) -> str:
    """One per filed file and version. In third-party storage each got an id of its own when it was moved."""
    named = f"announce:{portal}:{source_file_id}:{version}:{created_at or ''}"
    return named if str(file_id) == str(source_file_id) else f"{named}:{file_id}"
