"""`/health`: what doctor and status say, live, and the same as a text that may be given away."""

from functools import partial

from console.doctor.line import Line
from console.status.view import plain
from console.web.pages.home import looked
from console.web.pages.latest import Latest
from console.web.pages.seen import Seen
from console.web.pages.shown.lights import lights
from console.web.pages.shown.redacted import redacted
from console.web.site import Page, Site, Visit
from shared import VERSION


def register(site: Site, watch: Latest[Seen]) -> None:
    site.get("/health", partial(show, watch))


def show(watch: Latest[Seen], visit: Visit) -> Page:
    seen, found = looked(watch)
    areas: dict[str, list[Line]] = {}
    for line in seen.lines if seen else ():
        areas.setdefault(line.area, []).append(line)
    facts = {
        "seen": seen,
        "at": seen.at if seen else None,
        "areas": areas,
        "lights": lights(seen.lines, seen.standing.workers) if seen else lights(()),
        "unknown": found.unknown,
        "report": _report(seen) if seen else "",
    }
    return Page("health.html", visit._("Health"), facts, live=True)


def _report(seen: Seen) -> str:
    told = [f"{line.level}  {line.area}  {line.text}" for line in seen.lines]
    return redacted("\n".join([f"intake {VERSION}", "", *told, "", plain(seen.standing)]))
