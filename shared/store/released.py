"""The claims of the first released version, which held no time of creation and the portal's host: honoured for as
long as they are kept, so that neither an upgrade nor workers of both versions side by side do anything twice. Pure.
"""

from datetime import UTC, datetime

from shared.wire.events import EntryId

SAME_S = 1.0
"""A file is created no later than it is uploaded; the two are told to different precisions."""


def move_key(host: str, file_id: EntryId, version: int | None, uploaded_at: str | None) -> str:
    """As the first version spelled it."""
    return f"move:{host}:{file_id}:{version if str(file_id).isdecimal() else uploaded_at or ''}"


def announcement_key(host: str, source_file_id: EntryId, file_id: EntryId, version: int) -> str:
    """As the first version spelled it, without the recipient."""
    named = f"announce:{host}:{source_file_id}:{version}"
    return named if str(file_id) == str(source_file_id) else f"{named}:{file_id}"


def arrival_key(host: str, file_id: EntryId) -> str:
    """As the first version spelled it."""
    return f"arrived:{host}:{file_id}"


def is_same_file(created_at: str | None, kept: str | None, or_at: float | None) -> bool:
    """Whether a claim is about the file created then: `kept` is the upload's time that it holds, `or_at` a moment
    at which it was held or done, in seconds since the epoch, where it holds none.

    The id of a purged file is given to an upload that comes later. A file whose creation is not known is taken for
    the same: better a question to a person than a second move.
    """
    created = _seconds(created_at)
    known = _seconds(kept)
    latest = or_at if known is None else known
    return created is None or latest is None or created <= latest + SAME_S


def _seconds(moment: str | None) -> float | None:
    try:
        at = datetime.fromisoformat(moment or "")
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
