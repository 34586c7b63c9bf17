"""The strip of the first page: how each thing stands that uploads depend on, by what the checks found. Pure.

The web console has no key of the portal: of portal, webhook and mail it knows what workers and reconciler saw.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from console.connect.worker_pages import WorkerPage
from console.doctor.line import Level, Line
from console.problems.judge import NOBODYS, cause
from shared.wire.stages import NOTIFIER, STAGES


class Colour(StrEnum):
    OK = "ok"
    WARNING = "warning"
    UNKNOWN = "?"


class Thing(StrEnum):
    WEBHOOK = "webhook"
    BROKER = "broker"
    PORTAL = "portal"
    MAIL = "mail"
    RECONCILER = "reconciler"


@dataclass(frozen=True, slots=True)
class Light:
    thing: Thing
    colour: Colour
    why: str
    """A sentence; of one that is ok, what tells so."""


_HIDDEN = ("sweep:hidden", "sweep:found-missed")
_FAULTS: dict[Thing, tuple[str, ...]] = {
    Thing.WEBHOOK: ("webhook:*", *_HIDDEN),
    Thing.BROKER: ("broker:*", "spool:*"),
    Thing.PORTAL: ("portal:*", "workers:breaker-open", "workers:not-ready-portal"),
    Thing.MAIL: ("mail:*", "workers:not-ready-mail"),
    Thing.RECONCILER: ("sweep:*",),
}
_NOT_OF = {Thing.RECONCILER: _HIDDEN, Thing.BROKER: ("broker:dead-letters",)}
_AREA = {Thing.BROKER: "broker", Thing.RECONCILER: "sweep", Thing.WEBHOOK: "sweep", Thing.MAIL: "mail"}
"""Whose line tells that it is well. The reconciler asks the portal for the webhook in every round."""
_ASKED_BY = {
    Thing.PORTAL: frozenset(stage.name for stage in STAGES if stage.asks_portal),
    Thing.MAIL: frozenset({NOTIFIER.name}),
}
"""Workers that are not ready while they do not reach it."""
NOBODY_TELLS = "nobody told: HEALTH_URLS names the workers' health ports"


def lights(lines: Iterable[Line], pages: Sequence[WorkerPage] = ()) -> tuple[Light, ...]:
    """`lines` are what the checks of `console.doctor` found, or some of them."""
    given = list(lines)
    return tuple(_light(thing, given, pages) for thing in Thing)


def _light(thing: Thing, lines: Collection[Line], pages: Sequence[WorkerPage]) -> Light:
    fault = next((line for line in lines if _is_fault(thing, line)), None)
    if fault:
        return Light(thing, Colour.WARNING, fault.text)
    told = [line for line in lines if line.area == _AREA.get(thing)]
    well = next((line for line in told if line.level is Level.OK and not line.unseen), None)
    if well:
        return Light(thing, Colour.OK, well.text)
    ready = next((page for page in pages if page.ready and page.stage in _ASKED_BY.get(thing, ())), None)
    if ready:
        return Light(thing, Colour.OK, f"the {ready.stage} reaches it")
    unseen = next((line.text for line in told if line.unseen), NOBODY_TELLS)
    return Light(thing, Colour.UNKNOWN, unseen)


def _is_fault(thing: Thing, line: Line) -> bool:
    name = cause(line)
    if line.level is Level.OK or line.unseen or name in NOBODYS or name in _NOT_OF.get(thing, ()):
        return False
    return any(fnmatchcase(name, pattern) for pattern in _FAULTS[thing])
