"""Reads a portal's ids, and tells when an id has become another file's. Pure."""

from datetime import UTC, datetime
from urllib.parse import quote

from shared.docspace.errors import RefusedError
from shared.wire.events import EntryId

SAME_S, SAME_TOLD_EXACTLY_S = 1.0, 0.001
"""A webhook tells a file's time of creation in whole seconds on some databases, else to the microsecond, as the
API does; the last digit may differ (docs/explanation/portal.md, "Identity")."""

NO_SEGMENTS = ("", ".", "..")
"""HTTP libraries remove these from an address before they send it, however they are written (RFC 3986, 5.2.4)."""


def is_own_storage(entry_id: EntryId) -> bool:
    """The portal's own ids are numbers, those of third-party storage are not."""
    return str(entry_id).isdecimal()


def segment(entry_id: EntryId) -> str:
    """The id as one part of a route. RefusedError for one that would lead to another route: no entry has such an
    id.
    """
    text = str(entry_id)
    if text in NO_SEGMENTS:
        raise RefusedError(f"{text!r} is no id of a file or folder")
    return quote(text, safe="")


def differ(told: datetime | None, created: datetime | None) -> bool:
    """Whether two times of creation, one from a webhook and one from the API, belong to two files. If one is
    unknown, False.
    """
    if told is None or created is None:
        return False
    same_s = SAME_TOLD_EXACTLY_S if told.microsecond and created.microsecond else SAME_S
    return abs((created - told).total_seconds()) > same_s


def whole_second(moment: str | None) -> str:
    """A time in one spelling: a webhook gives microseconds where a listing gives whole seconds. What is no time
    stays as it is.
    """
    try:
        at = datetime.fromisoformat(moment or "")
    except ValueError:
        return moment or ""
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
