"""`/problems`: all that needs a person, by cause, and what could not be looked at."""

from functools import partial

from console.web.pages.cards import cards
from console.web.pages.home import looked
from console.web.pages.latest import Latest
from console.web.pages.seen import Seen
from console.web.site import Page, Site, Visit


def register(site: Site, watch: Latest[Seen]) -> None:
    site.get("/problems", partial(show, watch))


def show(watch: Latest[Seen], visit: Visit) -> Page:
    seen, found = looked(watch)
    facts = {
        "cards": cards(visit, seen, found.problems),
        "unknown": found.unknown,
        "at": seen.at if seen else None,
    }
    return Page("problems.html", visit._("Problems"), facts, live=True)
