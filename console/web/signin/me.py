"""One's own settings and sessions."""

from zoneinfo import available_timezones

from console.web.site import Page, Redirect, RefusedError, Site, Visit
from console.web.translations import catalogues
from shared.store.people.person import Person

BAD = 400
THEMES = ("light", "dark")


def register(site: Site) -> None:
    site.get("/me", show)
    site.post("/me", change)
    site.post("/me/sessions/{session}/end", end)


def show(visit: Visit) -> Page:
    me = _me(visit)
    facts = {
        "sessions": visit.context.membership.sessions.of(me.name, visit.now),
        "languages": _languages(),
        "zones": sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"),
        "own_zone": visit.context.zone.key,
    }
    return Page("me.html", visit._("You"), facts)


def change(visit: Visit) -> Redirect:
    language, zone, theme = visit.given("language"), visit.given("zone"), visit.given("theme")
    for value, there in ((language, _languages()), (zone, available_timezones()), (theme, THEMES)):
        if value and value not in there:
            raise RefusedError(BAD, f"there is no {value[:50]}")
    visit.context.membership.people.choose(
        _me(visit).name, language=language or None, zone=zone or None, theme=theme or None
    )
    return Redirect("/me")


def end(visit: Visit) -> Redirect:
    visit.context.membership.sessions.end(_me(visit).name, visit.values["session"])
    return Redirect("/me")


def _me(visit: Visit) -> Person:
    if visit.person is None:
        raise RefusedError(BAD, "nobody is signed in")
    return visit.person


def _languages() -> list[str]:
    return sorted(catalogues())
