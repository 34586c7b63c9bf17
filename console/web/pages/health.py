"""`/health`: what doctor and status say, live, and the same as a text that may be given away."""

import contextlib
from functools import partial

from console.doctor.line import Line
from console.status.view import plain
from console.web.pages.acting import place
from console.web.pages.doing import of_stages
from console.web.pages.home import looked
from console.web.pages.latest import Latest
from console.web.pages.seen import Seen
from console.web.pages.shown.lights import lights
from console.web.pages.shown.redacted import redacted
from console.web.site import Page, Site, Visit
from shared import VERSION
from shared.errors import IntakeError
from shared.runtime.by_hand import Pause
from shared.store.actions.pauses import PauseStore
from shared.wire.stages import NAMES


def register(site: Site, watch: Latest[Seen]) -> None:
    site.get("/health", partial(show, watch))


def show(watch: Latest[Seen], visit: Visit) -> Page:
    seen, found = looked(watch)
    areas: dict[str, list[Line]] = {}
    for line in seen.lines if seen else ():
        areas.setdefault(line.area, []).append(line)
    paused, pauses_fault = _pauses(visit)
    facts = {
        "paused": paused,
        "pauses_fault": pauses_fault,
        "acts": of_stages(visit, NAMES, paused),
        "seen": seen,
        "at": seen.at if seen else None,
        "areas": areas,
        "lights": lights(seen.lines, seen.standing.workers) if seen else lights(()),
        "unknown": found.unknown,
        "report": _report(seen) if seen else "",
    }
    return Page("health.html", visit._("Health"), facts, live=True)


def _pauses(visit: Visit) -> tuple[dict[str, Pause], str]:
    """By stage, those that hold now; and why they are not known."""
    try:
        with contextlib.closing(PauseStore(place(visit).database_url)) as store:
            return {pause.stage: pause for pause in store.all()}, ""
    except IntakeError as error:
        return {}, str(error)


def _report(seen: Seen) -> str:
    told = [f"{line.level}  {line.area}  {line.text}" for line in seen.lines]
    return redacted("\n".join([f"intake {VERSION}", "", *told, "", *plain(seen.standing)]))
