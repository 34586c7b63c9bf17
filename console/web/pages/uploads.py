"""`/uploads`: the list, by what its address asks for; and as CSV. What names one upload leads to its page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from console.actions.ask import MOST
from console.history.dates import moment as written
from console.history.words import sentence, word
from console.web.outside import shown
from console.web.pages.doing import of_list
from console.web.pages.known import compared_at
from console.web.pages.shown.asked import STANDINGS, Asked, asked
from console.web.pages.shown.row import rows
from console.web.pages.shown.spreadsheet import table
from console.web.site import Download, Page, Redirect, Site, Visit
from shared.errors import IntakeError
from shared.store.history.filter import EVERYTHING, Cursor
from shared.store.history.filter import Page as Found
from shared.store.history.queries import Queries
from shared.store.history.upload import Upload

A_PAGE, A_FILE, AT_ONCE = 50, 10_000, 500
MOST_COUNTED = 1_000
COLUMNS = (
    "came in", "state", "title", "room", "room id", "uploaded by", "filed", "told", "recipients", "rule", "file id",
    "what about it", "link", "upload",
)  # fmt: skip


def register(site: Site) -> None:
    site.get("/uploads", show)
    site.get("/uploads.csv", download)


def show(visit: Visit) -> Page | Redirect:
    queries, wanted = visit.context.queries, asked(visit.first, visit.now, visit.zone)
    before, after = _cursor(visit.first("before")), _cursor(visit.first("after"))
    named = queries.with_id(wanted.id, limit=A_PAGE) if wanted.id and not before and not after else []
    if len(named) == 1:
        return Redirect(f"/uploads/{quote(named[0].correlation_id, safe='')}")
    if named or wanted.is_one:
        found, count = Found(tuple(named), None, None), len(named)
    else:
        found, count = _found(queries, wanted, before, after)
    facts = {
        "asked": wanted,
        "states": list(STANDINGS),
        "rows": rows(found.uploads, visit.now, visit.zone),
        "count": count,
        "most": MOST_COUNTED,
        "acts": [] if named else of_list(visit, wanted, count, MOST_COUNTED),
        "at_once": MOST,
        "file_rows": A_FILE,
        "older": wanted.query(before=str(found.older)) if found.older else None,
        "newer": wanted.query(after=str(found.newer)) if found.newer else None,
        "nothing": None if found.uploads else _looked_at(visit, wanted),
        "room": _room_name(queries, wanted),
    }
    return Page("uploads.html", visit._("Uploads"), facts, live=not (before or after))


def _found(queries: Queries, wanted: Asked, before: Cursor | None, after: Cursor | None) -> tuple[Found, int]:
    if before is None and after is None:
        return queries.newest(wanted.filter, limit=A_PAGE, most=MOST_COUNTED)
    found = queries.page(wanted.filter, before=before, after=after, limit=A_PAGE)
    return found, queries.count(wanted.filter, MOST_COUNTED)


def download(visit: Visit) -> Download:
    """The newest that fit, up to A_FILE."""
    wanted = asked(visit.first, visit.now, visit.zone)
    lines = (_line(upload, visit) for upload in _all(visit.context.queries, wanted))
    return Download("uploads.csv", "text/csv; charset=utf-8", table(COLUMNS, lines))


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What stands in place of an empty list."""

    beside: int
    """Uploads of the same room and time, whatever their title and state."""
    last_at: float | None
    """When the newest event of all came."""
    compared_at: float | None
    """When the reconciler last compared with the portal."""
    compared_fault: str


def _looked_at(visit: Visit, wanted: Asked) -> LookedAt:
    queries = visit.context.queries
    beside = queries.count(replace(wanted.filter, words=(), standing=None), MOST_COUNTED)
    newest = queries.page(EVERYTHING, limit=1).uploads
    compared, fault = None, ""
    try:
        compared = compared_at(visit.context.environ)
    except IntakeError as error:
        fault = str(error)
    return LookedAt(beside, newest[0].last_at if newest else None, compared, fault)


def _room_name(queries: Queries, wanted: Asked) -> str:
    if not wanted.filter.room:
        return ""
    newest = queries.page(replace(EVERYTHING, room=wanted.filter.room), limit=1).uploads
    return shown((newest[0].room_title if newest else None) or wanted.filter.room)


def _cursor(text: str) -> Cursor | None:
    """None too for what is no cursor of ours: then the list begins at its beginning."""
    try:
        return Cursor.parse(text) if text else None
    except ValueError:
        return None


def _all(queries: Queries, wanted: Asked) -> Iterator[Upload]:
    before, left = None, A_FILE
    while left > 0:
        found = queries.page(wanted.filter, before=before, limit=min(AT_ONCE, left))
        yield from found.uploads
        left -= len(found.uploads)
        before = found.older
        if before is None:
            return


def _line(upload: Upload, visit: Visit) -> tuple[object, ...]:
    def moment(at: float | None) -> str | None:
        return None if at is None else written(at, visit.zone)

    return (
        moment(upload.first_at), word(upload), upload.title, upload.room_title, upload.room, upload.uploaded_by,
        moment(upload.filed_at), moment(upload.announced_at), ", ".join(upload.recipients), upload.rule,
        upload.file_id, sentence(upload, visit.now, visit.zone), upload.web_url, upload.correlation_id,
    )  # fmt: skip
