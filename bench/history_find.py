"""How long the command line's and the web's questions to the history take, among many uploads."""

import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle

from bench.history_uploads import FIRST_FILE, FIRST_ROOM, OVER_S, PEOPLE, ROOMS, event_of, title_of
from shared.store.history.filter import EVERYTHING, Cursor, Filter
from shared.store.history.queries import Queries
from shared.store.history.tables import Database
from shared.store.history.upload import Standing
from shared.wire.message import derived_id

ASKED = 40
"""Times, each for something else where that can be: the second longest is the 95th percentile."""
LIMIT = 50
"""As a page has it."""
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds."""

    median: float
    p95: float
    longest: float


def measure(database: Database, count: int) -> dict[str, Took]:
    """By question; the first time counts too."""
    took = {}
    for name, ask in _questions(Queries(database), count).items():
        times = []
        for number in range(ASKED):
            started = time.perf_counter()
            ask(count * (number + 1) // (ASKED + 1))
            times.append(time.perf_counter() - started)
        times.sort()
        took[name] = Took(statistics.median(times), times[math.ceil(0.95 * ASKED) - 1], times[-1])
    return took


def _questions(queries: Queries, count: int) -> dict[str, Callable[[int], object]]:
    """Each of an upload, by its number."""
    rooms, people = cycle(ROOMS), cycle(PEOPLE)

    def search(**wanted: object) -> None:
        """A page and what stands above it: how many there are."""
        filter_ = Filter(**wanted)  # type: ignore[arg-type]
        queries.page(filter_, limit=LIMIT)
        queries.count(filter_)

    def at(number: int) -> float:
        return time.time() - OVER_S + OVER_S * number / count

    return {
        "search: a title that one has": lambda number: search(words=(title_of(number),)),
        "search: a word that a quarter has": lambda _: search(words=("invoice",)),
        "search: a name that one in eight has": lambda _: search(words=("Anna",)),
        "search: a name that one in eighty has": lambda _: search(words=(next(people),)),
        "search: a room and a word": lambda _: search(words=(*next(rooms).split()[:2], "invoice")),
        "search: two letters": lambda _: search(words=("GM",)),
        "search: a word that none has": lambda number: search(words=(f"Schmitz{number}",)),
        "search: two letters that none has": lambda _: search(words=("xq",)),
        "search: words that many have, none both": lambda _: search(words=("Lieferschein", "Protokoll")),
        "search: a word, of those that need a person": lambda _: search(
            words=("invoice",), standing=Standing.NEEDS_PERSON
        ),
        "search: a number, within a day": lambda number: search(
            words=(f"{number % 1000:03}",), from_at=at(number), until_at=at(number) + DAY_S
        ),
        "list": lambda _: search(),
        "list: a page in the midst": lambda number: queries.page(
            EVERYTHING, before=Cursor(at(number), ""), limit=LIMIT
        ),
        "list: each standing": lambda number: search(standing=list(Standing)[number % len(Standing)]),
        "list: a room": lambda number: search(room=str(FIRST_ROOM + number % len(ROOMS))),
        "list: a room by its name": lambda _: search(room_title=next(rooms)),
        "upload page, by a file's id": lambda number: _upload_page(queries, str(FIRST_FILE + number)),
        "upload page, by an event's id": lambda number: _upload_page(queries, event_of(number)),
        "upload page, by a short id": lambda number: _upload_page(queries, derived_id("upload", number)[:8]),
        "home": lambda _: _home(queries),
        "rooms, of 30 days": lambda _: queries.rooms(time.time() - 30 * DAY_S),
    }


def _upload_page(queries: Queries, name: str) -> None:
    """With the other uploads of its file."""
    for upload in queries.with_id(name, 20):
        queries.timeline(upload.correlation_id)
        queries.with_id(upload.file_id or "", 20)


def _home(queries: Queries) -> None:
    yesterday = time.time() - DAY_S
    for filter_ in _counted_at_home(yesterday):
        queries.count(filter_)
    queries.page(Filter(standing=Standing.NEEDS_PERSON), limit=LIMIT)
    queries.page(Filter(from_at=yesterday), limit=LIMIT)
    queries.hours(yesterday)


def _counted_at_home(since: float) -> Iterator[Filter]:
    yield Filter(from_at=since)
    yield Filter(standing=Standing.NEEDS_PERSON)
    yield Filter(standing=Standing.ON_ITS_WAY)
