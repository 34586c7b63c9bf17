"""`/actions/{verb}`: what will happen and what will not happen twice is shown, and done once a person says so.

A form carries the filter and the count that was seen. Both are counted anew before anything is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from console.actions.ask import Actions, CountChangedError, Plan
from console.actions.listed import PART, as_part
from console.actions.site import Site as Place
from console.actions.verb import BadFilterError
from console.web.pages.known import rules_here
from console.web.pages.latest import Latest
from console.web.pages.seen import Seen
from console.web.pages.shown.asked import asked
from console.web.pages.shown.order import HOURS, Order, order
from console.web.site import OK, Page, Redirect, RefusedError, Site, Visit
from shared.errors import IntakeError, PermanentError
from shared.process.settings import SettingsError
from shared.rules.model import ROOM_MANAGERS, Rule
from shared.store.audit.store import Person, Through

NOT_FOUND, CONFLICT, BAD = 404, 409, 400


def register(site: Site, watch: Latest[Seen]) -> None:
    site.get("/actions/{verb}", ask)
    site.post("/actions/{verb}", partial(do, watch))


def ask(visit: Visit) -> Page:
    """Changes nothing."""
    wanted = _order(visit, visit.query)
    if wanted.missing:
        return _page(visit, wanted)
    with Actions(place(visit)) as actions:
        return _page(visit, wanted, actions.prepare(wanted.verb, wanted.filter))


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
            return _page(visit, wanted, now, changed=error)
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
    return replace(wanted, filter=_of_list(visit, wanted)) if given.get("all") else wanted


def _of_list(visit: Visit, wanted: Order) -> dict[str, Any]:
    """With the list's own filter, as its address says it at this moment: from now on the form carries that."""
    found = asked(visit.first, visit.now, visit.zone)
    named = visit.context.queries.with_id(found.id, limit=1) if found.id else []
    if found.faults or found.is_one or named:
        raise RefusedError(BAD, visit._("that list does not say which uploads are meant: go back, and narrow it"))
    others = {name: value for name, value in wanted.filter.items() if name not in ("room", "ids", PART)}
    return {**others, PART: as_part(found.filter)}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a rule would do with an upload, to begin with."""

    rule: str
    destination: str
    recipients: str


def _page(
    visit: Visit,
    wanted: Order,
    plan: Plan | None = None,
    *,
    changed: CountChangedError | None = None,
) -> Page:
    seen = visit.first("seen")
    facts = {
        "verb": wanted.verb,
        "slug": visit.values["verb"],
        "pairs": [*wanted.pairs(), *([("seen", seen)] if seen and wanted.missing else [])],
        "missing": wanted.missing,
        "hours": HOURS,
        "offers": _offers(visit) if wanted.verb == "file anyway" and wanted.missing else [],
        "plan": plan,
        "changed": changed,
        "seen": int(seen) if plan and not changed and seen.isascii() and seen.isdecimal() else None,
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
