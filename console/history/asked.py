"""What a person asks the history for, made a `Filter`: words, a room by its name or id, and days."""

from dataclasses import dataclass, replace

from console.history.dates import begin, clock, end, named_day
from shared.store.history.filter import Filter
from shared.store.history.queries import Queries


@dataclass(frozen=True, slots=True)
class Search:
    """What the options of a command ask for."""

    base: Filter
    room: str | None
    """Its id or a part of its name."""
    limit: int
    now: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One way to understand what was asked."""

    filter: Filter
    name: str
    """As the answer calls it: `"acme", on friday`."""


def ways(texts: tuple[str, ...], base: Filter, now: float) -> list[Asked]:
    """How the words of a search may be meant, the likeliest first: with the day that they name, then as they are.

    Several words in one argument stay together, as they stand in a title; if nothing has them so, each is looked
    for.
    """
    apart = tuple(word for text in texts for word in text.split())
    found = []
    for words in dict.fromkeys((texts, apart)):
        days = [word for word in words if named_day(word)]
        if days and base.from_at is None and base.until_at is None:
            rest = tuple(word for word in words if word != days[-1])
            of_day = replace(base, words=rest, from_at=begin(days[-1], now), until_at=end(days[-1], now))
            found.append(Asked(of_day, ", ".join([*_quoted(rest), f"of {days[-1]}"])))
        found.append(Asked(replace(base, words=words), ", ".join(_quoted(words))))
    return found


def narrowed(queries: Queries, asked: Search) -> Filter:
    """With the room: by its id where an upload has it as that, else by a part of its name."""
    if asked.room is None:
        return asked.base
    by_id = replace(asked.base, room=asked.room)
    return by_id if queries.count(Filter(room=asked.room), 1) else replace(asked.base, room_title=asked.room)


def looked_at(queries: Queries, asked: Filter, now: float) -> list[str]:
    """Of an answer without an upload: what there was to look through."""
    told = []
    when = span(asked, now)
    within = Filter(from_at=asked.from_at, until_at=asked.until_at)
    if asked.room is not None or asked.room_title is not None:
        in_room = replace(within, room=asked.room, room_title=asked.room_title)
        told.append(f"{_came_in(queries, in_room)} to {_named(asked)}{when}")
    for word in asked.words:
        rooms = replace(within, room_title=word)
        if queries.count(rooms, 1):
            told.append(f"{_came_in(queries, rooms)} to rooms called {word!r}{when}")
    told.append(f"in all {_came_in(queries, within)}{when or ', as far back as the history goes'}")
    newest = queries.page(Filter(), limit=1).uploads
    told.append(f"the last one came in at {clock(newest[0].first_at, now)}" if newest else "the history is empty")
    return told


def span(asked: Filter, now: float) -> str:
    since = "" if asked.from_at is None else f" from {clock(asked.from_at, now)}"
    return since if asked.until_at is None else f"{since} until {clock(asked.until_at, now)}"


def _came_in(queries: Queries, wanted: Filter) -> str:
    most = 1_000
    count = queries.count(wanted, most)
    if count > most:
        return f"more than {most} uploads came in"
    return "1 upload came in" if count == 1 else f"{count or 'no'} uploads came in"


def _named(asked: Filter) -> str:
    return f"room {asked.room}" if asked.room is not None else f"rooms called {asked.room_title!r}"


def _quoted(words: tuple[str, ...]) -> list[str]:
    return [repr(word) for word in words]
