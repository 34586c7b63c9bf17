"""`find`, `timeline`, `list`: where is the invoice, and what became of it.

Asks the database that `history` fills, and `find` the ledger and the ingress too; the broker is not needed.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from console.history import view
from console.history.asked import Search
from console.history.dates import begin, end
from console.history.search import Found, many, search, spooled
from console.settings import FAILED, USAGE, Pages, settings_or_exit
from console.terminal.printing import complain, say, say_json
from console.terminal.progress import Waiting
from shared.errors import IntakeError
from shared.network.urls import in_url
from shared.process.settings import Database as DatabaseUrl
from shared.process.settings import HealthPort, SettingsError, load
from shared.rules.ids import Kind, entry_id, id_text
from shared.store.history.filter import Filter
from shared.store.history.queries import Queries
from shared.store.history.tables import Database
from shared.store.history.upload import State


class Ingress(Pages, HealthPort):
    """Where the ingress tells what its spool holds."""

    @property
    def pages(self) -> tuple[str, ...]:
        return self.health_urls or (f"http://{in_url(self.health_host)}:{self.health_port}",)


Json = Annotated[bool, typer.Option("--json", help="For a program.")]
Wide = Annotated[bool, typer.Option("--wide", help="Cut nothing: all ids, times and reasons.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, the latest.")]
Room = Annotated[str | None, typer.Option(metavar="NAME|ID", help="Only those of this room.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="WHEN", help="Came in then or later: friday, yesterday 17:00, 2026-11-27, 2h."),
]
Until = Annotated[str | None, typer.Option(metavar="WHEN", help="Came in before the end of that: friday, 17:00.")]


def find(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT|ID", help="Words, a day such as friday, or an id.")],
    *,
    room: Room = None,
    since: From = None,
    until: Until = None,
    limit: Limit = 50,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """Find uploads by words, by the day they came in, or by an id.

    Each word is part of the title, of the room's name or of the uploader's. The id is that of the file, the event,
    a message or the upload; of the upload's the first eight characters will do, which each line shows. Days and
    times are of your zone.

    It looks into the history, and for what that does not know into the ledger. What the ingress keeps while the
    broker is away has no title yet: how much that is, and what else could not be seen, stands below. Of an empty
    answer it says what was looked at. The database is found by DATABASE_URL, or DATABASE_URL_FILE, the ingress by
    HEALTH_URLS, or by INGRESS_HOST and INGRESS_PORT. Exit codes: 0 found, 1 nothing found or the database failed,
    2 wrong usage or settings.

    \b
    Examples:
      intake find acme friday
      intake find "Invoice 4711" --room Acme --from 2026-11-01
      intake find 748301 --json | jq -r '.[].correlation_id'
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    texts = tuple(_id_in(each, "file") if "://" in each else each for each in text)
    asked = _asked(Filter(), room, since, until, limit)
    ingress = settings_or_exit(Ingress, context.obj)
    with Waiting("searching the history"):
        unseen = list(spooled(ingress.pages))
        with _database(context.obj, unseen) as database:
            found = search(database, texts, asked)
    _show(found, asked.now, wide=wide, as_json=as_json)
    _complain([*found.notes, *unseen])
    if not found.uploads:
        raise typer.Exit(FAILED)


def timeline(
    context: typer.Context,
    upload_id: Annotated[
        str, typer.Argument(metavar="ID", help="Of the upload, the file, the event or a message.")
    ],
    as_json: Json = False,
) -> None:
    """Print every step of an upload: when, at which worker, which attempt, what came of it and why.

    The first eight characters of the upload's id will do. Exit codes: 0 found, 1 nothing found or the database
    failed, 2 wrong usage or settings.

    \b
    Examples:
      intake timeline 748301
      intake timeline 5f0c8a52 --json | jq '.steps[].outcome'
    """  # noqa: D301 # as above
    upload_id = _id_in(upload_id, "file")
    with _queries(context.obj) as queries, Waiting("searching the history"):
        found = queries.with_id(upload_id, limit=20)
        told = [(upload, queries.timeline(upload.correlation_id)) for upload in found]
    if not told:
        complain(f"no upload has the id {upload_id!r}: `intake find` looks in titles too")
        raise typer.Exit(FAILED)
    if as_json:
        say_json(view.timelines_record(told))
        return
    now = time.time()
    for place, (upload, steps) in enumerate(told):
        if place:
            say()
        view.say_timeline(upload, steps, now)
    say(view.note(now), err=True)


def list_(
    context: typer.Context,
    *,
    state: Annotated[State | None, typer.Option(help="Only those that are so now.")] = None,
    room: Room = None,
    since: Annotated[
        str | None,
        typer.Option("--from", "--since", metavar="WHEN", help="Came in then or later: friday, 17:00, 2h."),
    ] = None,
    until: Until = None,
    limit: Limit = 50,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """List uploads, the latest first.

    One line each: what it is, how old, its short id, its title, its room, and why or what comes next. `filed` means
    told too. Days and times are of your zone. Exit codes: 0 done, 1 the database failed, 2 wrong usage or settings.

    \b
    Examples:
      intake list --state failed --since 1d
      intake list --room Acme --from friday --until friday
      intake list --room 86190 --json | jq length
    """  # noqa: D301 # as above
    asked = _asked(Filter(state=state), room, since, until, limit)
    with _queries(context.obj) as queries, Waiting("searching the history"):
        found = many(queries, asked)
    _show(found, asked.now, wide=wide, as_json=as_json)
    if not as_json:
        _complain(found.notes)


def _asked(base: Filter, room: str | None, since: str | None, until: str | None, limit: int) -> Search:
    now = time.time()
    try:
        base = replace(
            base,
            from_at=None if since is None else begin(since, now),
            until_at=None if until is None else end(until, now),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return Search(base, _id_in(room, "folder") if room and "://" in room else room, limit, now)


def _id_in(text: str, wanted: Kind) -> str:
    try:
        return id_text(entry_id(text, wanted))
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} {error}") from None


def _show(found: Found, now: float, *, wide: bool, as_json: bool) -> None:
    if as_json:
        say_json(view.uploads_record(found.uploads))
        return
    view.say_uploads(found.uploads, now, wide=wide)
    if found.uploads:
        more = [f"the latest {len(found.uploads)}: --limit shows more"] if found.more else []
        say(view.note(now, *more), err=True)


def _complain(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        complain(sentence)


@contextlib.contextmanager
def _queries(environ: Mapping[str, str]) -> Iterator[Queries]:
    with _database(environ) as database:
        yield Queries(database)


@contextlib.contextmanager
def _database(environ: Mapping[str, str], beside: Sequence[str] = ()) -> Iterator[Database]:
    """Ends the command where it fails, with one sentence and those that belong beside it."""
    try:
        settings = load(DatabaseUrl, environ)
        with contextlib.closing(Database(settings.database_url.get_secret_value())) as database:
            yield database
    except (SettingsError, ValueError) as error:
        complain(f"this setting is wrong: {error}")
        raise typer.Exit(USAGE) from None
    except IntakeError as error:
        for sentence in (str(error), *beside):
            complain(sentence)
        raise typer.Exit(FAILED) from None
