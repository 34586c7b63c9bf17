"""How the pipeline stands, as a person reads it at a glance, and as JSON. `?` is unknown, and why stands below."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from console.connect.worker_pages import SecretUse, WorkerPage
from console.problems.problem import Found
from console.problems.sentence import as_json as told_as_json
from console.problems.sentence import headline
from console.status.snapshot import StageStanding, Standing
from console.terminal.duration import age
from console.terminal.printing import Paint
from console.terminal.width import columns, wrapped
from shared.text.outside import cell


def as_json(standing: Standing, found: Found) -> dict[str, Any]:
    told = asdict(standing)
    for worker in told["workers"]:
        del worker["settled"]
    return {"headline": headline(found), **told, "problems": told_as_json(found)["problems"]}


def lines(standing: Standing, found: Found) -> Iterator[Paint]:
    """For a person; the sentence first."""
    colour = "red" if found.problems else "yellow" if found.unknown else "green"
    yield from (Paint(line, colour) for line in wrapped(headline(found), columns()))
    if found.problems:
        yield Paint("intake problems says what to do", "")
    yield Paint("", "")
    for line in plain(standing):
        yield Paint(line, _colour(line))


def plain(standing: Standing) -> list[str]:
    """How everything stands, line by line."""
    heads = f"{'waiting':>9}{'in hand':>9}{'in/s':>8}{'out/s':>8}{'oldest':>9}{'consumers':>11}{'dead':>6}"
    found = [f"{'stage':<12}{heads}", *(_row(stage, standing) for stage in standing.stages), ""]
    found.append(f"to be tried again: {_delayed(standing.delays)}")
    found += _consumers(standing)
    found.append(f"spool: {_spool(standing)}")
    found += _signatures(standing)
    found += _refused(standing)
    found.append(f"breaker: {_breaker(standing)}")
    found += map(_worker, standing.workers)
    found += _kept(standing)
    for why in dict.fromkeys(standing.unknown.values()):
        names = ", ".join(name for name, reason in standing.unknown.items() if reason == why)
        found += _hanging(f"? {names}: {why}")
    return list(map(cell, found))


def _hanging(text: str) -> Iterator[str]:
    first, *more = wrapped(cell(text), columns() - 2)
    yield first
    yield from (f"  {line}" for line in more)


def _colour(line: str) -> str:
    """Beside the word or sign that says the same."""
    if line.startswith(("breaker: OPEN", "REFUSED")) or ": NOT READY" in line:
        return "red"
    return "yellow" if line.startswith("? ") else ""


def _delayed(delays: dict[str, int] | None) -> str:
    if delays is None:
        return "?"
    return ", ".join(f"{count} in {name}" for name, count in delays.items() if count) or "none"


def _kept(standing: Standing) -> Iterator[str]:
    """What the database tells, whatever the broker does."""
    if standing.history:
        told = standing.history
        last = "" if told.last_at is None else f", the last step {age(max(0.0, time.time() - told.last_at))} ago"
        yield f"history: {told.waiting} under way, {told.failed} failed{last}"
    if standing.unfinished is not None:
        yield f"ledger: {standing.unfinished} begun and not ended"


def _row(stage: StageStanding, standing: Standing) -> str:
    there = stage.waiting is not None or "broker" in standing.unknown
    cells = (
        _cell(stage.waiting, there, 9),
        _cell(stage.in_hand, there, 9),
        _cell(_rate(stage.in_per_s), there, 8),
        _cell(_rate(stage.out_per_s), there, 8),
        _age_cell(stage, standing),
        _cell(stage.consumers, there, 11),
        _cell(stage.dead, there, 6),
    )
    return f"{stage.name:<12}{''.join(cells)}"


def _age_cell(stage: StageStanding, standing: Standing) -> str:
    if stage.oldest_s is not None:
        return f"{age(stage.oldest_s):>9}"
    unknown = "oldest" in standing.unknown and (stage.waiting or "broker" in standing.unknown)
    return f"{'?' if unknown else '-':>9}"


def _cell(value: object, there: bool, width: int) -> str:
    return f"{value if value is not None else '?' if there else '-':>{width}}"


def _rate(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"


def _consumers(standing: Standing) -> Iterator[str]:
    for stage in standing.stages:
        if stage.consumer_names:
            yield f"consumers of {stage.name}: {', '.join(stage.consumer_names)}"


def _spool(standing: Standing) -> str:
    found = [worker for worker in standing.workers if worker.spool_events is not None]
    if not found:
        return "? no ingress told"
    each = "; ".join(_spooled(worker, many=len(found) > 1) for worker in found)
    total = sum(worker.spool_events or 0 for worker in found)
    return f"{total} events in all: {each}" if total and len(found) > 1 else each


def _spooled(worker: WorkerPage, *, many: bool) -> str:
    where = f" at {worker.address}" if many else ""
    aside = f", {worker.spool_set_aside} set aside" if worker.spool_set_aside else ""
    if not worker.spool_events:
        return f"empty{where}{aside}"
    oldest = "" if worker.spool_oldest_s is None else f", the oldest {age(worker.spool_oldest_s)} old"
    return f"{worker.spool_events} events{where}{oldest}{aside}"


def _signatures(standing: Standing) -> Iterator[str]:
    """While a secret is changed: with which of them the portal signs."""
    for worker in standing.workers:
        if len(worker.secrets) > 1:
            used = ", ".join(f"secret {use.place}: {use.webhooks}{_last(use)}" for use in worker.secrets)
            yield f"webhooks signed with, at {worker.address}: {used}"


def _refused(standing: Standing) -> Iterator[str]:
    """What somebody sends who has not our secret, or the portal while it has another."""
    for worker in standing.workers:
        if worker.refused:
            many = "1 webhook" if worker.refused == 1 else f"{worker.refused} webhooks"
            yield f"REFUSED at {worker.address}: {many} since it started, signed with none of our secrets"


def _last(use: SecretUse) -> str:
    return "" if use.last_at is None else f" (last {age(max(0.0, time.time() - use.last_at))} ago)"


def _breaker(standing: Standing) -> str:
    found = [worker for worker in standing.workers if worker.breaker_open is not None]
    if not found:
        return "? no worker that has one told"
    opened = [worker.address for worker in found if worker.breaker_open]
    return f"OPEN at {', '.join(opened)}" if opened else "closed"


def _worker(worker: WorkerPage) -> str:
    faults = "; ".join(f"{name}: {fault}" for name, fault in worker.faults.items())
    told = ["ready" if worker.ready else f"NOT READY, {faults}"]
    if worker.in_hand:
        told.append(f"{worker.in_hand} in hand")
    if worker.settled_per_s is not None:
        told.append(f"{worker.settled_per_s:.1f}/s")
    return f"{worker.address}: {', '.join(told)}"
