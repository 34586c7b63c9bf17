"""The lanes of all endpoints: one is begun for each that the rules name, and ended where they no longer do."""

import threading
import time
from collections.abc import Callable, Mapping

import structlog

from dispatcher.lane import Lane, Made
from shared.amqp.operator.unbind import unbind
from shared.errors import TransientError
from shared.rules.endpoint import Endpoint
from shared.store.hooks.standing import Standing
from shared.store.hooks.store import HookStore
from shared.wire.stages import HANDED_ON, lane
from shared.worker import end_if_stuck

CHANGE_S = 5.0
"""How long the messages in hand of a lane may take when it changes; what is left is delivered again."""

log = structlog.get_logger()

Named = Callable[[], Mapping[str, Endpoint] | None]
"""The endpoints of the live rules by name; None while these are not known."""


class Standings:
    """Which endpoints are disabled, as the database said last."""

    def __init__(self, store: HookStore) -> None:
        self._store = store
        self._now: dict[str, Standing] = {}

    def look(self) -> dict[str, Standing]:
        """TransientError: what was known stays."""
        self._now = self._store.standings()
        return self._now

    def disabled(self, name: str) -> bool:
        """Before it says so it looks again: what is not sent is over, and a person may just have enabled it.

        TransientError if the database cannot be asked then.
        """
        if self._is_disabled(name):
            self.look()
        return self._is_disabled(name)

    def _is_disabled(self, name: str) -> bool:
        standing = self._now.get(name)
        return standing is not None and standing.disabled


class Lanes:
    """`follow` and `drain` are for the main thread."""

    def __init__(self, named: Named, standings: Standings, store: HookStore, made: Made) -> None:
        self._named = named
        self._standings = standings
        self._store = store
        self._made = made
        self._lanes: dict[str, Lane] = {}
        self._followed = False

    def follow(self) -> None:
        """Have a lane for each endpoint of the rules. Raises nothing that the database or the broker does."""
        named = self._named()
        try:
            known = self._standings.look()
            for name in (named or {}).keys() - known.keys():
                self._store.know(name)
            if named is not None:
                for name in known.keys() - named.keys():
                    self._end(name)
        except TransientError as error:
            log.warning("endpoints.not_looked_for", reason=str(error))
        for name, endpoint in (named or {}).items():
            self._begin(name, endpoint)
        for each in self._lanes.values():
            end_if_stuck(each.consumer)
        self._followed = True

    def check(self) -> str | None:
        """A readiness check: each lane can take and settle messages."""
        if not self._followed:
            return "the endpoints' queues are not looked at yet"
        faults = {fault for each in list(self._lanes.values()) if (fault := each.consumer.check())}
        return "; ".join(sorted(faults)) or None

    def notes(self) -> str | None:
        """Which endpoints are sent nothing now, and why."""
        if not self._lanes:
            return "the rules name no endpoint"
        told = {each.name: note for each in list(self._lanes.values()) if (note := each.note())}
        return "; ".join(f"{name}: {note}" for name, note in told.items()) or None

    def in_hand(self) -> int:
        return sum(each.consumer.in_hand() for each in list(self._lanes.values()))

    def drain(self, within_s: float) -> bool:
        """All side by side."""
        drained: list[bool] = []
        draining = [
            threading.Thread(target=lambda its=each: drained.append(its.consumer.drain(within_s)), daemon=True)
            for each in self._lanes.values()
        ]
        until = time.monotonic() + within_s + 1
        for thread in draining:
            thread.start()
        for thread in draining:
            thread.join(max(0.0, until - time.monotonic()))
        return len(drained) == len(draining) and all(drained)

    def _begin(self, name: str, endpoint: Endpoint) -> None:
        running = self._lanes.get(name)
        if running is None:
            self._lanes[name] = Lane(name, endpoint.events, self._made)
            log.info("endpoint.begun", endpoint=name, events=list(endpoint.events))
        elif running.events != endpoint.events:
            running.change(endpoint.events, CHANGE_S)
            log.info("endpoint.changed", endpoint=name, events=list(endpoint.events))

    def _end(self, name: str) -> None:
        """Its queue gets nothing more. What it holds is there again if the endpoint is named again."""
        if name in self._lanes:
            self._lanes.pop(name).consumer.drain(CHANGE_S)
        unbind(self._made.settings.amqp_urls, lane(name, ()).name, HANDED_ON)
        self._store.forget(name)
        log.warning("endpoint.ended", endpoint=name)
