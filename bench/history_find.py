"""How long the web console's pages take, and the command line's questions, among many uploads.

A page is asked of the whole application, without a socket: who it is, the queries, the template, the compression.
"""

import contextlib
import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa

from bench.history_stencils import event_of, file_of, upload_of
from bench.history_uploads import CLOSED_ROOM, FIRST_ROOM, OLD_WORD, OVER_S, PEOPLE, ROOMS, title_of
from console.history.asked import Search
from console.history.search import many, search
from shared.store.history.filter import Cursor, Filter
from shared.store.history.queries import Queries
from shared.store.history.tables import UPLOADS, Database
from tests.support.web import browser, close_all

DAY_S = 86_400.0
LIMIT = 20
"""As the commands have it."""
STATES = ("filed", "on-its-way", "needs-a-person", "not-an-invoice")
FOUND, LEADS_ON = 200, 303

Ask = Callable[[int], object]
"""Of an upload, by its number."""


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds."""

    median_ms: float
    p95_ms: float
    longest_ms: float
    cpu_ms: float
    """Of this process, for one: on SQLite that is all."""


def measure(url: str, count: int, asked: int) -> dict[str, Took]:
    """By question, each asked so often for something else where that can be; connections are warm."""
    environ = {
        "DATABASE_URL": url,
        "AMQP_URL": "amqp://guest:guest@127.0.0.1:1/",
        "CLIENT_ROOM_ID": str(FIRST_ROOM),
        "INCOMING_FOLDER_ID": "748239",
        "MANAGER_EMAIL": "manager@example.com",
    }
    took = {}
    with contextlib.closing(Database(url)) as database:
        try:
            pages = browser(Path(), environ=environ)

            def page(address: str, **asked_for: object) -> None:
                answer = pages.get(f"{address}?{urlencode(asked_for)}" if asked_for else address)
                if answer.status_code not in (FOUND, LEADS_ON):
                    raise AssertionError(f"{address} {asked_for}: {answer.status_code}")

            for name, ask in [*_pages(page, count, _fullest(database)), *_commands(database, count)]:
                ask(count // 3)
                took[name] = _took(ask, count, asked)
        finally:
            close_all()
    return took


def _took(ask: Ask, count: int, asked: int) -> Took:
    times = []
    cpu_s = time.process_time()
    for turn in range(asked):
        began = time.perf_counter()
        ask(count * (turn + 1) // (asked + 1))
        times.append((time.perf_counter() - began) * 1000)
    cpu_s = time.process_time() - cpu_s
    times.sort()
    return Took(statistics.median(times), times[math.ceil(0.95 * asked) - 1], times[-1], cpu_s * 1000 / asked)


def _pages(page: Callable[..., None], count: int, fullest: str) -> Iterator[tuple[str, Ask]]:
    rooms, people, words = (
        cycle(ROOMS),
        cycle(PEOPLE),
        cycle(("Invoice", "Offer", "Contract", "Anna", "GmbH", "pdf")),
    )

    def day(number: int) -> str:
        return time.strftime("%Y-%m-%d", time.gmtime(time.time() - OVER_S + OVER_S * number / count))

    def found(name: str, ask: Callable[[int], str], **more: object) -> tuple[str, Ask]:
        return f"search: {name}", lambda number: page("/uploads", q=ask(number), **more)

    yield found("a title that one has", lambda number: title_of(number, count))
    yield found("a word that many have", lambda _: next(words))
    yield found("a name that one in eighty has", lambda _: next(people))
    yield found("a room and a word", lambda _: f"{next(rooms)} invoice")
    yield found("two letters", lambda _: "GM")
    yield found("a word that none has", lambda number: f"Schmitz{number}")
    yield found("two letters that none has", lambda _: "xq")
    yield found("words that many have, none both", lambda _: "Lieferschein Protokoll")
    yield found("a word that the oldest tenth has", lambda _: OLD_WORD)
    yield found("that, of those that are filed", lambda _: OLD_WORD, state="filed")
    yield found("a room that was closed long ago", lambda _: CLOSED_ROOM.split()[0])
    yield found("a word, of those that need a person", lambda _: "invoice", state="needs-a-person")
    yield found("a word, of a state that none has", lambda _: "Lieferschein", state="filed")
    yield found("two words, of a state that none has", lambda _: "GmbH Invoice", state="not-an-invoice")
    yield found("a word, of a room that has none", lambda _: ROOMS[-1].split()[0], room=fullest)
    yield found("an old word, in newer months", lambda _: OLD_WORD, **{"from": day(count // 5), "to": day(count)})
    yield (
        "search: a word, within a day",
        lambda at: page("/uploads", q="invoice", **{"from": day(at), "to": day(at)}),
    )
    yield "search: a file's number", lambda number: page("/uploads", q=file_of(number))
    yield "list", lambda _: page("/uploads")
    yield "list: a page in the midst", lambda number: page("/uploads", before=_midst(number, count))
    yield "list: each state", lambda number: page("/uploads", state=STATES[number % len(STATES)])
    yield "list: a room", lambda number: page("/uploads", room=FIRST_ROOM + number % len(ROOMS))
    yield "upload page", lambda number: page(f"/uploads/{upload_of(number)}")
    yield "home", lambda _: page("/")
    yield "rooms", lambda _: page("/rooms")


def _commands(database: Database, count: int) -> Iterator[tuple[str, Ask]]:
    rooms, people, queries = cycle(ROOMS), cycle(PEOPLE), Queries(database)

    def asked(room: str | None = None) -> Search:
        return Search(base=Filter(), room=room, limit=LIMIT, now=time.time())

    yield "find: a title that one has", lambda number: search(database, (title_of(number, count),), asked())
    yield "find: a name that one in eighty has", lambda _: search(database, (next(people),), asked())
    yield "find: a word that none has", lambda number: search(database, (f"Schmitz{number}",), asked())
    yield "find: an event's id", lambda number: search(database, (event_of(number),), asked())
    yield "list, of the command line", lambda _: many(queries, asked())
    yield "list --room, by its name", lambda _: many(queries, asked(next(rooms)))
    yield "timeline, by a short id", lambda number: _timeline(queries, upload_of(number)[:8])


def _fullest(database: Database) -> str:
    """The room with the most uploads: of a million it has more than may be looked at one by one."""
    by_room = sa.select(UPLOADS.c.room).group_by(UPLOADS.c.room).order_by(sa.func.count().desc()).limit(1)
    with database.connection() as connection:
        return str(connection.execute(by_room).scalar_one())


def _timeline(queries: Queries, name: str) -> None:
    for upload in queries.with_id(name, LIMIT):
        queries.timeline(upload.correlation_id)


def _midst(number: int, count: int) -> Cursor:
    return Cursor(time.time() - OVER_S + OVER_S * number / count, "")
