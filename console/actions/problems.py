"""Verbs of problems: acknowledge one, so that nobody else is told of it, and silence one for a while."""

import contextlib
import re
import time
from collections.abc import Iterator
from datetime import datetime

from console.actions.site import Site
from console.actions.verb import BadFilterError, Filter, Sentences, by_of, wanted, why_of
from console.actions.work import Work
from console.operator.families import family
from shared.store.actions.action import Action
from shared.store.problems.known import Silence as Silenced
from shared.store.problems.store import ProblemStore

LONGEST_S = 90 * 86_400.0
_CAUSE = re.compile(r"[a-z-]+:[^\s:]\S*")


class Acknowledge:
    """Neither verb needs the broker: its being away is a problem too."""

    name = "acknowledge"

    def keys(self, site: Site, filter_: Filter) -> list[str]:
        cause = _cause(filter_)
        with _store(site) as store:
            open_ = {problem.family: problem for problem in store.live() if problem.ended_at is None}
        found = open_.get(family(cause))
        if found is None:
            raise BadFilterError(f"nobody was told of {cause}, or it is over: see `intake problems`")
        return [] if found.acknowledged_at is not None else [cause]

    def sentences(self, filter_: Filter, count: int) -> Sentences:  # noqa: ARG002 - as the other verbs
        return Sentences(
            f"you look after {filter_.get('cause')}: nobody else is told of it",
            "who was told of it hears once a day while it lasts, and when it is over",
        )

    def run(self, site: Site, action: Action, work: Work) -> None:
        with _store(site) as store:
            for item in work.left:
                if (at := work.begin(item)) is None:
                    return
                store.acknowledge(family(item.key), by_of(action), at)
                work.done(item)


class Silence:
    """`until` is in seconds since the epoch."""

    name = "silence"

    def keys(self, site: Site, filter_: Filter) -> list[str]:  # noqa: ARG002 - as the other verbs
        wanted(filter_, "why", "why it is silenced")
        _until(filter_)
        return [_cause(filter_)]

    def sentences(self, filter_: Filter, count: int) -> Sentences:  # noqa: ARG002 - as above
        until = datetime.fromtimestamp(_until(filter_)).astimezone()
        return Sentences(
            f"nobody is told of {filter_.get('cause')} until {until:%Y-%m-%d %H:%M %Z}",
            "the problem itself stays on the list; who was told of it before hears when it is over",
        )

    def run(self, site: Site, action: Action, work: Work) -> None:
        until = action.filter["until"]
        with _store(site) as store:
            for item in work.left:
                if (at := work.begin(item)) is None:
                    return
                store.silence(Silenced(family(item.key), by_of(action), why_of(action), at, float(until)))
                work.done(item)


def _cause(filter_: Filter) -> str:
    cause = wanted(filter_, "cause", "which problem: its cause")
    if _CAUSE.fullmatch(cause) is None:
        raise BadFilterError(f"{cause!r} is no cause such as portal:key-expires: `intake problems` prints them")
    return cause


def _until(filter_: Filter) -> float:
    until = filter_.get("until")
    if isinstance(until, bool) or not isinstance(until, int | float):
        raise BadFilterError("say until when")
    if not 0 < until - time.time() <= LONGEST_S:
        raise BadFilterError("a silence ends in the future, and within 90 days")
    return float(until)


@contextlib.contextmanager
def _store(site: Site) -> Iterator[ProblemStore]:
    with contextlib.closing(ProblemStore(site.database_url)) as store:
        yield store
