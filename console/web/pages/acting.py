"""`/actions/{verb}`: what will happen and what will not happen twice is shown, and done once a person says so.

A form carries the filter and the count that was seen. Both are counted anew before anything is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from console.actions.ask import Actions, CountChangedError, Plan
from console.actions.site import Site as Place
from console.actions.verb import BadFilterError
from console.web.pages.doing import dead_letter
from console.web.pages.known import rules_here
from console.web.pages.latest import Latest
from console.web.pages.seen import Seen
from console.web.pages.shown.asked import asked
from console.web.pages.shown.order import HOURS, MOST_IDS, OF_UPLOADS, Order, order
from console.web.site import OK, Page, Redirect, RefusedError, Site, Visit
from shared.errors import IntakeError, PermanentError
from shared.process.settings import SettingsError
from shared.rules.model import ROOM_MANAGERS, Rule
from shared.store.audit.store import Person, Through
from shared.store.history.upload import Standing

NOT_FOUND, CONFLICT, BAD = 404, 409, 400


def register(site: Site, watch: Latest[Seen]) -> None:
    site.get("/actions/{verb}", ask)
    site.post("/actions/{verb}", partial(do, watch))


def ask(visit: Visit) -> Page:
    """Changes nothing."""
    wanted = _order(visit, visit.query)
    if wanted.missing:
        return _page(visit, wanted, _listed(visit.query))
    with Actions(place(visit)) as actions:
        return _page(visit, wanted, _listed(visit.query), actions.prepare(wanted.verb, wanted.filter))


def do(watch: Latest[Seen], visit: Visit) -> Page | Redirect:
    """Starts it, and leads to where it is seen. If another count fits than was seen, the person is asked anew."""
    wanted = _order(visit, visit.form)
    count = visit.given("count")
    if not (count.isascii() and count.isdecimal()):
        raise RefusedError(BAD, visit._("the form says nothing of how many were seen: go back, and ask anew"))
    with Actions(place(visit)) as actions:
        try:
            action = actions.start(Plan(wanted.verb, wanted.filter, int(count)), by(visit))
        except CountChangedError as error:
            now = actions.prepare(wanted.verb, wanted.filter)
            return _page(visit, wanted, _listed(visit.form), now, changed=error)
        except BadFilterError as error:
            raise RefusedError(CONFLICT, str(error)) from None
    watch.forget()
    return Redirect(f"/activity/{action}")


def place(visit: Visit) -> Place:
    try:
        return Place.of(visit.context.environ)
    except SettingsError as error:
        raise PermanentError(f"these settings are wrong: {error}") from error


def by(visit: Visit) -> Person:
    return Person(visit.person.name if visit.person else "", Through.WEB)


def _order(visit: Visit, given: Mapping[str, Sequence[str]]) -> Order:
    try:
        wanted = order(visit.values["verb"], given, visit.now)
    except KeyError:
        raise RefusedError(NOT_FOUND, visit._("there is no such action")) from None
    if _listed(given):
        return replace(wanted, filter=_of_list(visit, wanted, given))
    return wanted


def _listed(given: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The filter of a list, where the action is about all that match it."""
    if not given.get("all"):
        return {}
    return {"all": "1"} | {name: given[name][0] for name in ("room", *OF_UPLOADS) if given.get(name)}


def _of_list(visit: Visit, wanted: Order, given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The dead letters of the uploads that the list's filter finds: the newest, as many as are done at once."""
    found = asked(lambda name: (given.get(name) or [""])[0].strip(), visit.now, visit.zone)
    queries = visit.context.queries
    page = queries.page(replace(found.filter, standing=Standing.NEEDS_PERSON), limit=MOST_IDS)
    letters = [dead_letter(upload, queries.timeline(upload.correlation_id)) for upload in page.uploads]
    if not any(letters):
        raise RefusedError(CONFLICT, visit._("none of the uploads that match waits for a person"))
    others = {name: value for name, value in wanted.filter.items() if name not in ("room", "ids")}
    return {**others, "ids": [letter for letter in letters if letter]}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a rule would do with an upload, to begin with."""

    rule: str
    destination: str
    recipients: str


def _page(
    visit: Visit,
    wanted: Order,
    listed: Mapping[str, str],
    plan: Plan | None = None,
    *,
    changed: CountChangedError | None = None,
) -> Page:
    pairs = list(listed.items()) or list(wanted.pairs())
    pairs += [pair for pair in wanted.pairs() if listed and pair[0] not in ("ids", *listed)]
    facts = {
        "verb": wanted.verb,
        "slug": visit.values["verb"],
        "pairs": pairs,
        "missing": wanted.missing,
        "hours": HOURS,
        "offers": _offers(visit) if wanted.verb == "file anyway" and wanted.missing else [],
        "plan": plan,
        "changed": changed,
    }
    title = visit._("Are you sure?") if plan else visit._("One thing first")
    return Page("action.html", title, facts, CONFLICT if changed else OK)


def _offers(visit: Visit) -> list[Offer]:
    try:
        rules = rules_here(visit.context.environ).enabled
    except IntakeError:
        return []
    return [Offer(rule.name, str(rule.destination), ", ".join(_addresses(rule))) for rule in rules]


def _addresses(rule: Rule) -> list[str]:
    """Who manages a room, only the portal knows: a person names the addresses."""
    return [recipient for recipient in rule.recipients if recipient != ROOM_MANAGERS]
