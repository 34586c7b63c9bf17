"""The endpoints: whether each is sent what it asks for, how long it fails, and what it missed."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from console.doctor.line import Area, Line
from console.terminal.duration import age
from shared.amqp.operator.survey import Survey
from shared.errors import IntakeError, TransientError
from shared.rules.model import RuleSet
from shared.store.hooks.standing import Standing
from shared.store.hooks.store import HookStore
from shared.wire.stages import lane

AREA = Area("hooks")
HALF, LATE = 0.5, 0.9
"""Of the age at which an endpoint that fails is disabled: the operator is told at each of the two."""


def check(
    urls: Sequence[str],
    database_url: str,
    rules: RuleSet,
    max_age_s: float,
    clock: Callable[[], float] = time.time,
) -> Iterator[Line]:
    if not rules.endpoints:
        yield AREA.ok("the rules name no endpoint")
        return
    names = [endpoint.name for endpoint in rules.endpoints]
    yield from _queues(urls, names)
    with contextlib.closing(HookStore(database_url)) as store:
        try:
            standings = store.standings()
        except TransientError as error:  # the ledger's line says what to do
            yield AREA.unseen(f"how the endpoints stand is not known: {error}")
            return
    for name in names:
        yield from standing_lines(standings.get(name, Standing(name=name)), max_age_s, clock())


def standing_lines(standing: Standing, max_age_s: float, now: float) -> Iterator[Line]:
    """Pure."""
    name = standing.name
    if standing.disabled_at is not None:
        told = AREA.failed(
            f"endpoint {name} is disabled by {standing.disabled_by}: {standing.disabled_why}",
            f"repair it; then intake hooks enable {name}, and intake hooks replay {name}",
            cause=f"disabled:{name}",
        )
        yield replace(told, since=standing.disabled_at, count=standing.missed)
        return
    failed_s = 0.0 if standing.failing_since is None else now - standing.failing_since
    if failed_s >= HALF * max_age_s:
        yield replace(_failing(name, failed_s, max_age_s), since=standing.failing_since)
    if standing.missed:
        told = AREA.warning(
            f"endpoint {name} was not sent {standing.missed} event{'s' if standing.missed > 1 else ''}",
            f"intake hooks show {name} says what it answered; intake hooks replay {name} sends them",
            cause=f"missed:{name}",
        )
        yield replace(told, since=standing.missed_since, count=standing.missed)
    elif failed_s < HALF * max_age_s:
        yield AREA.ok(f"endpoint {name} is sent what it asks for")


def _failing(name: str, failed_s: float, max_age_s: float) -> Line:
    left_s = max(0.0, max_age_s - failed_s)
    text = f"endpoint {name} accepts nothing for {age(failed_s)}: in {age(left_s)} it is disabled"
    mend = f"intake hooks show {name} says what it answers; nothing is lost until then"
    if failed_s >= LATE * max_age_s:
        return AREA.failed(text, mend, cause=f"failing-long:{name}")
    return AREA.warning(text, mend, cause=f"failing:{name}")


def _queues(urls: Sequence[str], names: Sequence[str]) -> Iterator[Line]:
    """Whether a dispatcher takes what is for each."""
    try:
        with Survey(urls) as survey:
            found = {name: survey.queue(lane(name, ()).name) for name in names}
            dead = [state for name in names if (state := survey.queue(f"{lane(name, ()).name}.dead"))]
    except IntakeError as error:  # the broker's line says what to do
        yield AREA.unseen(f"whether the dispatcher runs is not known: {error}")
        return
    left = [name for name, state in found.items() if state is None or not state.consumers]
    if left:
        told = AREA.failed(
            f"no dispatcher takes what is for {', '.join(left)}",
            "start it: docker compose up --detach dispatcher, or python -m dispatcher; and see its log",
            cause="no-dispatcher",
        )
        yield replace(told, stage="dispatcher")
    for state in dead:
        if state.messages:
            stage = state.name.removesuffix(".dead")
            mend = f"intake dead list --stage {stage} says why; intake dead replay --stage {stage} tries again"
            told = AREA.warning(f"{state.messages} messages in {state.name}", mend, cause="unreadable")
            yield replace(told, count=state.messages)
