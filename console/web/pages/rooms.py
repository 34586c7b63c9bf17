"""`/rooms` and `/rooms/{room}`: what came from each room, by which rules, and who is told."""

from dataclasses import replace

from console.web.outside import shown
from console.web.pages.doing import of_room
from console.web.pages.known import compared_at, rules_here
from console.web.pages.shown.quiet import DAY_S, usual_gap_s
from console.web.pages.shown.rooms import DAYS, Room, rooms
from console.web.pages.shown.row import rows
from console.web.site import Page, RefusedError, Site, Visit
from shared.errors import IntakeError
from shared.rules.ids import id_text
from shared.rules.model import RuleSet
from shared.store.history.filter import Filter
from shared.store.history.upload import Standing

LATEST = 10
NOT_FOUND = 404


def register(site: Site) -> None:
    site.get("/rooms", show_all)
    site.get("/rooms/{room}", show)


def show_all(visit: Visit) -> Page:
    rules, fault = _rules(visit)
    found = rooms(rules, visit.context.queries.rooms(visit.now - DAYS * DAY_S), visit.now)
    return Page("rooms.html", visit._("Rooms"), {"rooms": found, "fault": fault, "days": DAYS}, live=True)


def show(visit: Visit) -> Page:
    wanted = id_text(visit.values["room"])
    queries = visit.context.queries
    rules, fault = _rules(visit)
    room = next((each for each in _told(visit, rules) if each.id == wanted), None)
    latest = queries.page(Filter(room=wanted), limit=LATEST)
    if room is None and not latest.uploads:
        raise RefusedError(NOT_FOUND, "no rule names this room, and nothing was uploaded to it")
    if room is None:
        room = Room(wanted, shown(wanted), (), (), None, dict.fromkeys(Standing, 0), quiet=False)
    if latest.uploads:  # perhaps older than what is counted
        named = next((each.room_title for each in latest.uploads if each.room_title), None)
        room = replace(room, name=shown(named or room.name), last_at=latest.uploads[0].first_at)
    facts = {
        "room": room,
        "rows": rows(latest.uploads, visit.now, visit.zone),
        "more": latest.older is not None,
        "fault": fault,
        "days": DAYS,
        "gap_days": (usual_gap_s(room.uploads, DAYS) or 0) / DAY_S,
        "compared": _compared(visit),
        "acts": of_room(visit, room.id),
    }
    return Page("room.html", room.name, facts, live=True)


def _told(visit: Visit, rules: RuleSet | None) -> list[Room]:
    return rooms(rules, visit.context.queries.rooms(visit.now - DAYS * DAY_S), visit.now)


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
