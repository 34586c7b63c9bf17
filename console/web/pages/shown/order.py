"""What a person orders: a verb of `console.actions`, its filter as an address and a form carry it. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from console.actions.listed import PART
from console.actions.verbs import VERBS
from shared.text.reading import loads

SLUGS = {name.replace(" ", "-"): name for name in VERBS}
"""As the address says them."""
HOUR_S = 3600
HOURS = (1, 2, 4, 8, 24, 72, 168)
"""The choices of a pause and of a silence; the longest is the longest that a pause may be."""
TEXTS = ("stage", "reason", "why", "room", "destination", "cause")
MOST_CHARS, MOST_IDS, MOST_JSON = 500, 1_000, 20_000


@dataclass(frozen=True, slots=True)
class Asks:
    """A field that a person must fill in first."""

    name: str
    is_hours: bool = False

    @property
    def fills(self) -> str:
        """The part of the filter that it becomes."""
        return "until" if self.is_hours else self.name


ASKED: Mapping[str, tuple[Asks, ...]] = {
    "put away": (Asks("why"),),
    "pause": (Asks("why"), Asks("hours", is_hours=True)),
    "silence": (Asks("why"), Asks("hours", is_hours=True)),
    "file anyway": (Asks("destination"), Asks("recipients")),
}


@dataclass(frozen=True, slots=True)
class Order:
    verb: str
    filter: Mapping[str, Any]
    missing: tuple[Asks, ...]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """For a form's hidden fields, and an address: what `order` reads again."""
        for name, value in self.filter.items():
            if name == PART:
                yield name, json.dumps(value)
                continue
            for each in value if isinstance(value, list | tuple) else (value,):
                yield name, str(each)


def order(slug: str, given: Mapping[str, Sequence[str]], now: float) -> Order:
    """KeyError for a verb that there is not. What cannot be read is left out; the verb says what it lacks."""
    verb = SLUGS[slug]
    filter_: dict[str, Any] = {name: text for name in TEXTS if (text := _first(given, name))}
    if ids := [each.strip() for each in given.get("ids", ())][:MOST_IDS]:
        filter_["ids"] = ids
    if recipients := [part.strip() for text in given.get("recipients", ()) for part in text.split(",")]:
        filter_["recipients"] = [part for part in recipients if part]
    if listed := (given.get(PART) or [""])[0]:
        filter_[PART] = _json(listed)
    if (until := _until(given, now)) is not None:
        filter_["until"] = until
    missing = tuple(asks for asks in ASKED.get(verb, ()) if not filter_.get(asks.fills))
    return Order(verb, filter_, missing)


def address(verb: str, **filter_: str | Sequence[str]) -> str:
    """Of the page that asks whether to go on."""
    query = urlencode({name: value for name, value in filter_.items() if value}, doseq=True)
    return f"/actions/{verb.replace(' ', '-')}" + (f"?{query}" if query else "")


def _json(text: str) -> object:
    """The text itself where it is none: the verb says what is wrong."""
    try:
        return loads(text[:MOST_JSON].encode(errors="replace"))
    except ValueError:
        return text


def _until(given: Mapping[str, Sequence[str]], now: float) -> float | None:
    """Seconds since the epoch; of hours from now on."""
    hours, until = _first(given, "hours"), _first(given, "until")
    if hours.isascii() and hours.isdecimal() and int(hours) in HOURS:
        return float(int(now) + int(hours) * HOUR_S - 1)
    try:
        return float(until) if until else None
    except ValueError:
        return None


def _first(given: Mapping[str, Sequence[str]], name: str) -> str:
    return (given.get(name) or [""])[0].strip()[:MOST_CHARS]
