"""`/audit`: who did what, through what, and what came of it, the newest first."""

import math

from console.web.site import Page, RefusedError, Site, Visit
from shared.store.audit.store import Entry

AT_ONCE = 50
BAD = 400


def register(site: Site) -> None:
    site.get("/audit", show)


def show(visit: Visit) -> Page:
    found = visit.context.audit.latest(AT_ONCE + 1, _cursor(visit.first("before")))
    entries = found[:AT_ONCE]
    older = _written(entries[-1]) if len(found) > AT_ONCE else ""
    return Page("audit.html", visit._("Audit"), {"entries": entries, "older": older})


def _written(entry: Entry) -> str:
    return f"{entry.at!r}_{entry.id}"


def _cursor(text: str) -> tuple[float, str] | None:
    """As `_written` writes it."""
    if not text:
        return None
    at, _, entry_id = text.partition("_")
    try:
        seconds = float(at)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise RefusedError(BAD, "this is no place in the audit")
    return seconds, entry_id
