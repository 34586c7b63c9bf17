"""`/uploads/{id}`: what became of one upload, where it is, who was told, why, and what may be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from console.explain.checks import Checked, Trace, checks, why_not_asked
from console.explain.recorded import recorded_trace
from console.explain.would_take import would_take
from console.web.outside import shown
from console.web.pages.doing import of_upload
from console.web.pages.known import rules_here
from console.web.pages.shown.row import row, rows
from console.web.pages.shown.story import story
from console.web.site import Page, Redirect, RefusedError, Site, Visit
from shared.errors import IntakeError
from shared.process.settings import PortalAddress, SettingsError, load
from shared.rules.model import RuleSet
from shared.store.history.filter import Filter
from shared.store.history.queries import Queries
from shared.store.history.step import Step
from shared.store.history.upload import Standing, Upload
from shared.text.codes import Code

SEVERAL = 20
"""Uploads of one file that are looked for."""
MOST_ROOMS, WISH_CHARS = 50, 400
CODES = {code.value: code for code in Code}
NOT_FOUND = 404


def register(site: Site) -> None:
    site.get("/uploads/{upload}", show)


def show(visit: Visit) -> Page | Redirect:
    queries = visit.context.queries
    upload = the_upload(visit)
    if upload.correlation_id != visit.values["upload"]:
        return Redirect(f"/uploads/{quote(upload.correlation_id, safe='')}")
    steps = queries.timeline(upload.correlation_id)
    line = row(upload, visit.now, visit.zone)
    facts = {
        "upload": upload,
        "row": line,
        "remedy": CODES[upload.code].remedy if upload.code in CODES else "",
        "uploaded_by": shown(upload.uploaded_by or ""),
        "told": [shown(name) for name in (*upload.recipients, *upload.channels)],
        "portal_link": upload.web_url or _portal_link(visit.context.environ, upload),
        "story": story(steps),
        "why": _why(visit, upload, steps),
        "acts": of_upload(visit, upload, steps),
        "others": rows(_others(queries, upload), visit.now, visit.zone),
    }
    return Page("upload.html", line.title, facts, live=True)


def the_upload(visit: Visit) -> Upload:
    """That of the address. RefusedError where there is none, or several begin so."""
    name = visit.values["upload"]
    found = visit.context.queries.with_id(name, limit=SEVERAL)
    exact = [upload for upload in found if upload.correlation_id == name]
    if len(exact or found) != 1:
        why = (
            "no upload has this id: it was never seen, or is kept no more" if not found else "several have this id"
        )
        raise RefusedError(NOT_FOUND, why)
    return (exact or found)[0]


@dataclass(frozen=True, slots=True)
class OfRule:
    name: str
    checks: tuple[Checked, ...]
    not_asked: str


@dataclass(frozen=True, slots=True)
class Why:
    rules: tuple[OfRule, ...] = ()
    fault: str = ""
    """Why there are no checks to show."""
    would_take: tuple[str, ...] = ()
    """Of an upload that no rule took, what would make each rule take it; the likeliest first."""


def _why(visit: Visit, upload: Upload, steps: Sequence[Step]) -> Why:
    """The checks that the rules of now make of what the history knows."""
    try:
        rules = rules_here(visit.context.environ)
        trace = recorded_trace(upload, steps, rules, _known_rooms(visit.context.queries, upload, rules))
    except IntakeError as error:
        return Why(fault=str(error))
    if trace is None:
        return Why(fault=visit._("the history no longer has the steps that the checks are made of"))
    found = tuple(_of_rule(rules, number, trace) for number in range(len(rules.rules)))
    untaken = upload.standing is Standing.NOT_INVOICE and upload.code in (None, "", Code.NO_RULE)
    wishes = would_take(rules, trace, upload.title) if untaken else []
    return Why(found, would_take=tuple(shown(wish, WISH_CHARS) for wish in wishes))


def _of_rule(rules: RuleSet, number: int, trace: Trace) -> OfRule:
    rule = rules.rules[number]
    not_asked = why_not_asked(rule, trace) or ""
    return OfRule(rule.name, () if not_asked else tuple(checks(rule, trace)), not_asked)


def _known_rooms(queries: Queries, upload: Upload, rules: RuleSet) -> set[str]:
    """Those of the rules that are known to be rooms: something was uploaded to them."""
    wanted = {room for rule in rules.enabled for room in rule.rooms}
    if upload.room is None or upload.room in wanted or len(wanted) > MOST_ROOMS:
        return set()
    return {room for room in wanted if queries.page(Filter(room=room), limit=1).uploads}


def _others(queries: Queries, upload: Upload) -> list[Upload]:
    if not upload.file_id:
        return []
    found = queries.with_id(upload.file_id, limit=SEVERAL)
    return [each for each in found if each.correlation_id != upload.correlation_id]


def _portal_link(environ: Mapping[str, str], upload: Upload) -> str | None:
    """Where the portal's page of the file is, unless the event said it."""
    try:
        host = load(PortalAddress, environ).docspace_api_host
    except SettingsError:
        return None
    return f"{host}/doceditor?fileId={quote(upload.file_id, safe='')}" if upload.file_id else None
