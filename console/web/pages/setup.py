"""`/setup`: the checklist of a new installation. Each point is looked at where it can be seen."""

from functools import partial

from console.web.pages.known import compared_at, rules_here
from console.web.pages.latest import Latest
from console.web.pages.seen import Seen
from console.web.pages.shown.checklist import Checklist, Item, checklist
from console.web.site import Page, Site, Visit
from shared.errors import IntakeError, TransientError
from shared.store.history.filter import EVERYTHING, Filter
from shared.store.history.queries import NoHistoryError
from shared.store.history.upload import Standing

Told = tuple[bool | None, str]


def register(site: Site, watch: Latest[Seen]) -> None:
    site.get("/setup", partial(show, watch))


def show(watch: Latest[Seen], visit: Visit) -> Page:
    try:
        found = watch.get()
    except IntakeError:
        found = None
    facts = {"checklist": checklist_of(visit, found.value if found else None)}
    return Page("setup.html", visit._("Setup"), facts, live=True)


def checklist_of(visit: Visit, seen: Seen | None) -> Checklist:
    return checklist(
        {Item.RULES: _rules(visit), Item.WORKERS: _workers(seen), Item.RECONCILER: _reconciler(visit)}
        | _history(visit)
    )


def _rules(visit: Visit) -> Told:
    try:
        names = ", ".join(rule.name for rule in rules_here(visit.context.environ).enabled)
    except TransientError as error:
        return None, str(error)
    except IntakeError as error:
        return False, str(error)
    return True, names


def _workers(seen: Seen | None) -> Told:
    if seen is None or not seen.standing.workers:
        return None, seen.standing.unknown.get("workers", "") if seen else ""
    late = [page for page in seen.standing.workers if not page.ready]
    return not late, "; ".join(f"{page.address}: {', '.join(page.faults.values())}" for page in late)


def _reconciler(visit: Visit) -> Told:
    try:
        return compared_at(visit.context.environ) is not None, ""
    except IntakeError as error:
        return None, str(error)


def _history(visit: Visit) -> dict[Item, Told]:
    queries = visit.context.queries
    try:
        newest = queries.page(EVERYTHING, limit=1).uploads
        filed = queries.page(Filter(standing=Standing.FILED), limit=1).uploads
    except NoHistoryError as error:
        return {Item.HISTORY: (False, str(error))}
    except IntakeError as error:
        return {Item.HISTORY: (None, str(error))}
    return {
        Item.HISTORY: (True, ""),
        Item.EVENT: (bool(newest), ""),
        Item.FILED: (bool(filed), ""),
        Item.TOLD: (bool(filed and filed[0].announced_at is not None), ""),
    }
