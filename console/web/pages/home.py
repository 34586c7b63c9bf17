"""`/`: what needs a person, what came today, and how everything stands that uploads depend on."""

from dataclasses import dataclass
from functools import partial

from console.problems.problem import Found, Unknown
from console.web.pages.cards import cards
from console.web.pages.latest import Latest
from console.web.pages.seen import Seen
from console.web.pages.setup import checklist_of
from console.web.pages.shown.bars import HOUR_S, KINDS, Chart, chart
from console.web.pages.shown.checklist import Checklist
from console.web.pages.shown.lights import lights
from console.web.pages.shown.row import Row, rows
from console.web.pages.shown.summary import midnight, since_closing, summary
from console.web.site import Page, Site, Visit
from shared.errors import IntakeError
from shared.store.history.filter import EVERYTHING, Filter
from shared.store.history.queries import Queries
from shared.store.history.upload import Standing, State

CARDS, TODAY = 5, 20
HOURS = 24


def register(site: Site, watch: Latest[Seen]) -> None:
    site.get("/", partial(show, watch))


def show(watch: Latest[Seen], visit: Visit) -> Page:
    seen, found = looked(watch)
    past, fault = _past(visit)
    problems = found.problems
    told = summary(
        since_closing(visit.now, visit.zone),
        problems=len(problems) or bool(past and past.needs_person),
        uploads=past.uploads if past else None,
        under_way=past.under_way if past else None,
        unseen=len(found.unknown),
    )
    return Page(
        "home.html",
        visit._("Home"),
        {
            "summary": told,
            "cards": cards(visit, seen, problems[:CARDS]),
            "looking": seen is None,
            "more_problems": max(0, len(problems) - CARDS),
            "lights": lights(seen.lines, seen.standing.workers) if seen else lights(()),
            "unknown": found.unknown,
            "last_at": past.last_at if past else None,
            "history_fault": fault,
            "today": past.today if past else [],
            "more_today": past.more_today if past else False,
            "chart": past.chart if past else chart({}, visit.now),
            "checklist": _checklist(visit, seen, past),
        },
        live=True,
    )


def looked(watch: Latest[Seen]) -> tuple[Seen | None, Found]:
    """What is known now of broker, workers and the rest. Where that is nothing, the second says so."""
    try:
        found = watch.get()
    except IntakeError as error:
        return None, Found((), (Unknown("everything", str(error)),))
    if found is None:
        return None, Found((), (Unknown("everything", "the first look has not ended: load this page again"),))
    return found.value, found.value.found


@dataclass(frozen=True, slots=True)
class Past:
    """What the history tells."""

    uploads: int
    under_way: int
    today: list[Row]
    more_today: bool
    chart: Chart
    last_at: float | None
    has_filed: bool
    needs_person: bool
    """Known here even before the first look at everything has ended."""


def _past(visit: Visit) -> tuple[Past | None, str]:
    """None and why where it cannot be asked."""
    try:
        return _asked(visit, visit.context.queries), ""
    except IntakeError as error:
        return None, str(error)


def _asked(visit: Visit, queries: Queries) -> Past:
    since = since_closing(visit.now, visit.zone)
    today = queries.page(Filter(from_at=midnight(visit.now, visit.zone)), limit=TODAY)
    newest = queries.page(EVERYTHING, limit=1).uploads
    hours = queries.hours(visit.now - (HOURS - 1) * HOUR_S)
    return Past(
        uploads=queries.count(Filter(from_at=since)),
        under_way=queries.count(Filter(state=State.WAITING, from_at=since)),
        today=rows(today.uploads, visit.now, visit.zone),
        more_today=today.older is not None,
        chart=chart({hour.start: {kind: getattr(hour, kind) for kind in KINDS} for hour in hours}, visit.now),
        last_at=newest[0].last_at if newest else None,
        has_filed=queries.count(Filter(standing=Standing.FILED), most=1) > 0,
        needs_person=queries.count(Filter(standing=Standing.NEEDS_PERSON), most=1) > 0,
    )


def _checklist(visit: Visit, seen: Seen | None, past: Past | None) -> Checklist | None:
    """Until the first invoice is filed."""
    return None if past is None or past.has_filed else checklist_of(visit, seen)
