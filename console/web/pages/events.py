"""`/events`: what the workers publish, each with its fields, a real example, and how to bind a queue to it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from console.dead.archive import pretty
from console.events.schema import document
from console.web.pages.latest import Latest
from console.web.site import Page, Site, Visit
from shared.amqp.operator.past import past
from shared.errors import IntakeError, PermanentError
from shared.process.settings import Process, SettingsError, load
from shared.runtime.settle import EXCHANGE
from shared.text.outside import cut, harmless
from shared.text.reading import loads
from shared.wire.events import EVENTS, Event

DAY_S = 86_400.0
LOOK_S = 6.0
"""For reading the stream."""
EVERY_S = 600.0
"""An example may be old."""
BYTES = 4_000

Examples = Mapping[str, str]
"""By routing key."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    types: str
    required: bool


@dataclass(frozen=True, slots=True)
class Shown:
    name: str
    key: str
    about: str
    fields: tuple[Field, ...]
    example: str


def register(site: Site) -> None:
    site.get("/events", partial(show, Latest(lambda: _examples(site.context.environ), EVERY_S)))


def show(examples: Latest[Examples], visit: Visit) -> Page:
    found: Examples = {}
    fault = ""
    try:
        told = examples.get()
        found = told.value if told else {}
        fault = "" if told else visit._("the broker's stream is being read: load this page again")
    except IntakeError as error:
        fault = str(error)
    schemas = document()["$defs"]
    facts = {
        "events": [_shown(event, schemas[event.__name__], found) for event in EVENTS],
        "fault": fault,
        "exchange": EXCHANGE,
    }
    return Page("events.html", visit._("Events"), facts)


def _shown(event: type[Event], schema: Mapping[str, Any], examples: Examples) -> Shown:
    required = set(schema.get("required", ()))
    return Shown(
        name=event.__name__,
        key=event.routing_key,
        about=(event.__doc__ or "").strip().partition("\n")[0],
        fields=tuple(
            Field(name, " | ".join(_types(told)), name in required) for name, told in schema["properties"].items()
        ),
        example=examples.get(event.routing_key, ""),
    )


def _types(told: Mapping[str, Any]) -> Iterator[str]:
    for each in told.get("anyOf", [told]):
        name = str(each.get("type", "any"))
        yield f"{name} of {'|'.join(_types(each['items']))}" if name == "array" and "items" in each else name


def _examples(environ: Mapping[str, str]) -> Examples:
    """The newest of each kind that is found in time, of the last day. UnavailableError, or NoStreamError."""
    try:
        urls = load(Process, environ).amqp_urls
    except SettingsError as error:
        raise PermanentError(f"the broker is not known here: {error}") from error
    wanted, found = {event.routing_key for event in EVENTS}, {}
    ends = time.monotonic() + LOOK_S
    for delivery in past(urls, time.time() - DAY_S):
        if delivery.exchange == EXCHANGE and delivery.routing_key in wanted:
            found[delivery.routing_key] = delivery.message.body
        if time.monotonic() > ends:
            break
    return {key: _readable(body) for key, body in found.items()}


def _readable(body: bytes) -> str:
    try:
        return harmless(cut(pretty(loads(body)), BYTES))
    except ValueError:
        return harmless(cut(body.decode(errors="replace"), BYTES))
