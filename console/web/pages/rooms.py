"""`/rooms` and `/rooms/{room}`: what came from each room, by which rules, and who is told."""

from dataclasses import replace

from console.web.pages.doing import of_room
from console.web.pages.known import compared_at, rules_here
from console.web.pages.shown.quiet import DAY_S, usual_gap_s
from console.web.pages.shown.rooms import DAYS, room, rooms
from console.web.pages.shown.row import rows
from console.web.site import Page, RefusedError, Site, Visit
from shared.errors import IntakeError
from shared.rules.ids import id_text
from shared.rules.model import RuleSet
from shared.store.history.counted import RoomSummary
from shared.store.history.filter import Filter

LATEST = 10
NOT_FOUND = 404


def register(site: Site) -> None:
    site.get("/rooms", show_all)
    site.get("/rooms/{room}", show)


def show_all(visit: Visit) -> Page:
    rules, fault = _rules(visit)
    found = rooms(rules, _summaries(visit), visit.now)
    return Page("rooms.html", visit._("Rooms"), {"rooms": found, "fault": fault, "days": DAYS}, live=True)


def show(visit: Visit) -> Page:
    wanted = id_text(visit.values["room"])
    queries = visit.context.queries
    rules, fault = _rules(visit)
    summary = next((each for each in _summaries(visit) if each.room == wanted), None)
    latest = queries.page(Filter(room=wanted), limit=LATEST)
    title = next((each.room_title for each in latest.uploads if each.room_title), None)
    found = room(wanted, rules, summary, visit.now, title)
    if not latest.uploads and not found.taken:
        raise RefusedError(NOT_FOUND, "no rule names this room, and nothing was uploaded to it")
    if latest.uploads:  # perhaps older than what is counted
        found = replace(found, last_at=latest.uploads[0].first_at)
    facts = {
        "room": found,
        "rows": rows(latest.uploads, visit.now, visit.zone),
        "more": latest.older is not None,
        "fault": fault,
        "days": DAYS,
        "gap_days": (usual_gap_s(found.uploads, DAYS) or 0) / DAY_S,
        "compared": _compared(visit),
        "acts": of_room(visit, found.id),
    }
    return Page("room.html", found.name, facts, live=True)


def _summaries(visit: Visit) -> list[RoomSummary]:
    return visit.context.queries.rooms(visit.now - DAYS * DAY_S)


def _rules(visit: Visit) -> tuple[RuleSet | None, str]:
    try:
        return rules_here(visit.context.environ), ""
    except IntakeError as error:
        return None, str(error)


def _compared(visit: Visit) -> float | None:
    try:
        return compared_at(visit.context.environ)
    except IntakeError:
        return None
