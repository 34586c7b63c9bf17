"""The keys of the ledger's rows that more than one part of the product must know. Pure.

A portal reuses a file's id once its newest file is purged, and many ids after a backup was restored. So a key also
holds the version and the time of creation (docs/explanation/portal.md). The limit: if a portal is restored to an
older version of a file, and the next upload gets the same version number, the two have one key.
"""

import hashlib

from shared.docspace.ids import is_own_storage, whole_second
from shared.rules.titles import normalise
from shared.wire.events import EntryId, PortalId


def move_key(
    portal: PortalId, file_id: EntryId, version: int | None, created_at: str | None, uploaded_at: str | None
) -> str:
    """The key for moving one upload. In third-party storage an id is made of the path, so the next file of that
    name gets the same id.

    There the key holds the time of the upload in whole seconds: after the move nobody can ask for the version.
    """
    if is_own_storage(file_id):
        return f"move:{portal}:{file_id}:{version}:{created_at}"
    return f"move:{portal}:{file_id}:{whole_second(uploaded_at)}"


def of_turn(key: str, number: int) -> str:
    """The key of the second, third … upload that would have this key."""
    return f"{key}:{number}"


def overridden(key: str, override: str) -> str:
    """The key of the same work when an operator wants it done again."""
    return f"{key}:{override}"


def arrival_key(portal: PortalId, file_id: EntryId, created_at: str | None) -> str:
    """The key that says which upload became this file in the destination, if the move gave it a new id.

    In the portal's own storage the time of creation tells the file from an earlier one with that id.
    """
    return f"arrived:{portal}:{file_id}:{created_at}" if is_own_storage(file_id) else f"arrived:{portal}:{file_id}"


def title_key(portal: PortalId, folder_id: EntryId, title: str) -> str:
    """The key of the latest file with that title that was filed in the folder. The title may be long."""
    return f"title:{portal}:{folder_id}:{hashlib.sha256(normalise(title).encode()).hexdigest()[:32]}"


def death_key(message_id: str) -> str:
    """The key that says when the message became a dead letter."""
    return f"died:{message_id}"


def announcement_key(
    portal: PortalId, source_file_id: EntryId, file_id: EntryId, version: int, created_at: str | None
) -> str:
    """The key for announcing one version of a filed file. In third-party storage a move gives a new id."""
    named = f"announce:{portal}:{source_file_id}:{version}:{created_at or ''}"
    return named if str(file_id) == str(source_file_id) else f"{named}:{file_id}"


def delivery_key(endpoint: str, webhook_id: str) -> str:
    """The key for one event's delivery to one endpoint."""
    return f"hook:{endpoint}:{webhook_id}"
