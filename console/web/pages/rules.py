"""`/rules`: the live rules as sentences, whether all workers have them, and what was published."""

from functools import partial

from console.terminal.telling import lines, words
from console.web.outside import shown
from console.web.pages.home import looked
from console.web.pages.known import rules_here
from console.web.pages.latest import Latest
from console.web.pages.rules_desk import desk_of
from console.web.pages.seen import Seen
from console.web.pages.shown.quiet import DAY_S
from console.web.pages.shown.rooms import DAYS, fitting
from console.web.site import Page, Site, Visit
from shared.errors import IntakeError
from shared.rules.model import Rule, RuleSet
from shared.store.history.counted import RoomSummary
from shared.store.history.filter import Filter
from shared.store.history.queries import Queries
from shared.store.rulebook.reader import Version

OTHERS = ("workers:other-configuration", "workers:rules-differ")
MOST_NAMES = 100


def register(site: Site, watch: Latest[Seen]) -> None:
    site.get("/rules", partial(show, watch))


def show(watch: Latest[Seen], visit: Visit) -> Page:
    rules, fault = None, ""
    try:
        rules = rules_here(visit.context.environ)
    except IntakeError as error:
        fault = str(error)
    seen, found = looked(watch)
    others = [line.text for line in seen.lines if f"{line.area}:{line.cause}" in OTHERS] if seen else []
    told = sum(page.runs_with is not None for page in seen.standing.workers) if seen else 0
    versions, versions_fault = _versions(visit)
    facts = {
        "versions": versions,
        "versions_fault": versions_fault,
        "changes_here": visit.may("GET", "/rules/edit"),
        "rules": rules.rules if rules else (),
        "names": _names(visit.context.queries, rules) if rules else {},
        "fitting": _fitting(visit, rules) if rules else {},
        "days": DAYS,
        "channels": {rule.name: _channels(rule) for rule in rules.rules} if rules else {},
        "how": {rule.name: words(rule.telling) for rule in rules.rules} if rules else {},
        "recipients": tuple(lines(rules)) if rules else (),
        "fault": fault,
        "others": others,
        "told": told,
        "unknown": found.unknown if not told else (),
        "from_file": bool(visit.context.environ.get("RULES_FILE", "").strip()),
    }
    return Page("rules.html", visit._("Rules"), facts)


def _channels(rule: Rule) -> list[str]:
    """Their schemes: the rest of a channel's URL is a secret."""
    return [url.get_secret_value().partition(":")[0] for url in rule.notify]


def _versions(visit: Visit) -> tuple[tuple[Version, ...], str]:
    """The newest first; and why they are not known."""
    try:
        return desk_of(visit).versions(), ""
    except IntakeError as error:
        return (), str(error)


def _fitting(visit: Visit, rules: RuleSet) -> dict[str, list[RoomSummary]]:
    """By rule, the rooms that fit by their names, as far as uploads came from them; none where nobody can tell."""
    try:
        told = visit.context.queries.rooms(visit.now - DAYS * DAY_S) if _by_names(rules) else []
    except IntakeError:
        told = []
    return {rule.name: fitting(rule, told)[:MOST_NAMES] for rule in rules.rules}


def _by_names(rules: RuleSet) -> bool:
    return any(rule.room_names for rule in rules.rules)


def _names(queries: Queries, rules: RuleSet) -> dict[str, str]:
    """Of rooms, by id, as their latest upload told; without those that none told of, or that cannot be asked."""
    wanted = dict.fromkeys(room for rule in rules.rules for room in rule.rooms)
    found: dict[str, str] = {}
    try:
        for room in list(wanted)[:MOST_NAMES]:
            newest = queries.page(Filter(room=room), limit=1).uploads
            if newest and newest[0].room_title:
                found[room] = shown(newest[0].room_title)
    except IntakeError:
        return {}
    return found
