"""`/hooks` and `/hooks/{name}`: the endpoints that are sent our webhooks, how each stands, and its last attempts.

Only shown here: a person tests, enables and replays by the commands, which the page names.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from console.web.pages.acting import place
from console.web.pages.known import rules_here
from console.web.site import Page, RefusedError, Site, Visit
from shared.errors import IntakeError
from shared.rules.endpoint import Endpoint
from shared.store.hooks.standing import Standing
from shared.store.hooks.store import HookStore

NOT_FOUND = 404


def register(site: Site) -> None:
    site.get("/hooks", show_all)
    site.get("/hooks/{name}", show)


@dataclass(frozen=True, slots=True)
class Row:
    endpoint: Endpoint
    standing: Standing | None
    """None: it is not known now."""


def show_all(visit: Visit) -> Page:
    fault = ""
    endpoints: tuple[Endpoint, ...] = ()
    standings: dict[str, Standing] | None = None
    try:
        endpoints = rules_here(visit.context.environ).endpoints
        with _store(visit) as store:
            standings = store.standings()
    except IntakeError as error:
        fault = str(error)
    rows = [Row(each, None if standings is None else _standing(each, standings)) for each in endpoints]
    return Page("hooks.html", visit._("Endpoints"), {"rows": rows, "fault": fault}, live=True)


def show(visit: Visit) -> Page:
    wanted = visit.values["name"]
    found = next((each for each in rules_here(visit.context.environ).endpoints if each.name == wanted), None)
    if found is None:
        raise RefusedError(NOT_FOUND, visit._("the rules name no such endpoint"))
    with _store(visit) as store:
        standing, attempts = _standing(found, store.standings()), store.attempts(found.name)
    facts = {"row": Row(found, standing), "attempts": attempts}
    return Page("hook.html", found.name, facts, live=True)


def _standing(endpoint: Endpoint, standings: dict[str, Standing]) -> Standing:
    return standings.get(endpoint.name, Standing(name=endpoint.name))


@contextlib.contextmanager
def _store(visit: Visit) -> Iterator[HookStore]:
    store = HookStore(place(visit).database_url)
    with contextlib.closing(store):
        yield store
