"""The keys under which the ledger holds claims, where more than one part of the product must know them."""

from shared.events import EntryId


def move_key(portal_name: str, file_id: EntryId, version: int | None, uploaded_at: str | None) -> str:
    """One per upload. In third-party storage an id is made of the path: the next file of that name has it again.

    There the time of the upload tells them apart and not the version, which nobody can ask for after the move.
    """
    upload = version if is_own_storage(file_id) else uploaded_at or ""
    return f"move:{portal_name}:{file_id}:{upload}"


def arrival_key(portal_name: str, file_id: EntryId) -> str:
    """Under which it is kept whose upload a file in the destination was, where a move gave it a new id."""
    return f"arrived:{portal_name}:{file_id}"


def is_own_storage(entry_id: EntryId) -> bool:
    """The portal's own ids are numbers, those of third-party storage are not."""
    return str(entry_id).isdecimal()
