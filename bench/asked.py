"""What the simulated portal was asked, and how long it was at work on it: its own record, between two moments."""

import dataclasses
import time
from dataclasses import dataclass
from typing import Any, Self

import requests

QUIET_FOR_S = 1.5
LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Asked:
    reads: float = 0.0
    writes: float = 0.0
    requests_s: float = 0.0
    """Summed over its answers, without the wait for a turn."""
    operations_s: float = 0.0
    """Of the file operations, which do not hold up an answer."""

    @property
    def busy_s(self) -> float:
        return self.requests_s + self.operations_s

    def since(self, before: Self) -> Self:
        return self._each(lambda name: getattr(self, name) - getattr(before, name))

    def for_one_of(self, count: int) -> Self:
        return self._each(lambda name: getattr(self, name) / count)

    def _each(self, figure: Any) -> Self:
        return type(self)(*(figure(field.name) for field in dataclasses.fields(self)))


def asked(portal: str) -> Asked:
    return _asked(_state(portal))


def after_the_last(portal: str, limit_s: float) -> Asked:
    """Once nothing was asked for a while and no operation is on record; or at the limit."""
    deadline = time.monotonic() + limit_s
    found, changed_at = asked(portal), time.monotonic()
    while time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
        state = _state(portal)
        now = _asked(state)
        under_way = state["counts"]["operations"] or any(kind["now"] for kind in state["calls"].values())
        if now != found or under_way:
            found, changed_at = now, time.monotonic()
        if time.monotonic() - changed_at > QUIET_FOR_S:
            break
    return found


def _state(portal: str) -> Any:
    return requests.get(f"{portal}/simulator/state", params={"limit": 0}, timeout=60).json()


def _asked(state: Any) -> Asked:
    calls, busy_s = state["calls"], state["busy_s"]
    return Asked(calls["reads"]["total"], calls["writes"]["total"], busy_s["requests"], busy_s["operations"])
