"""Endpoints and attempts as lines and as JSON. Pure; a program's times are UTC."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from console.history.dates import clock
from console.terminal.duration import short_age
from shared.rules.endpoint import Endpoint
from shared.store.hooks.standing import Attempt, Standing
from shared.text.outside import cell

_TIMES = ("at", "failing_since", "accepted_at", "disabled_at", "missed_since")


def endpoint_line(endpoint: Endpoint, standing: Standing, now: float) -> str:
    told = f"{endpoint.name}  {endpoint.shown}  {', '.join(endpoint.events)}  {how(standing, now)}"
    missed = f"; missed {standing.missed}" if standing.missed else ""
    return cell(told + missed)


def how(standing: Standing, now: float) -> str:
    if standing.disabled_at is not None:
        return f"disabled since {clock(standing.disabled_at, now)}: {standing.disabled_why}"
    if standing.failing_since is not None:
        return f"failing for {short_age(max(0.0, now - standing.failing_since))}"
    if standing.accepted_at is None:
        return "nothing was sent yet"
    return f"accepted at {clock(standing.accepted_at, now)}"


def attempt_lines(attempts: Sequence[Attempt], now: float) -> Iterator[str]:
    for each in attempts:
        status = "no answer" if each.status is None else str(each.status)
        said = f"  {each.answer}" if each.answer else ""
        yield cell(
            f"{clock(each.at, now)}  {status}  {each.took_s * 1000:.0f} ms  {each.event}  {each.webhook_id}"
            f"  attempt {each.attempt}{said}"
        )


def record(standing: Standing | Attempt) -> dict[str, Any]:
    return {name: _utc(value) if name in _TIMES else value for name, value in asdict(standing).items()}


def _utc(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
