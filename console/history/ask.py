"""`find`, `timeline`, `list`: where is the invoice, and what became of it.

Asks the database that `history` fills, and `find` the ledger and the ingress too; the broker is not needed.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import typer

from console.history import view
from console.history.search import search, spooled
from console.settings import FAILED, USAGE, Pages, settings_or_exit
from console.terminal.duration import seconds
from console.terminal.printing import complain, on_terminal, say, say_json
from console.terminal.progress import Waiting
from shared.errors import IntakeError
from shared.network.urls import in_url
from shared.process.settings import HealthPort, LedgerDatabase, SettingsError, load
from shared.rules.ids import Kind, entry_id, id_text
from shared.store.history.queries import Queries
from shared.store.history.tables import Database
from shared.store.history.upload import State, Upload


class Ingress(Pages, HealthPort):
    """Where the ingress tells what its spool holds."""

    @property
    def pages(self) -> tuple[str, ...]:
        return self.health_urls or (f"http://{in_url(self.health_host)}:{self.health_port}",)


Json = Annotated[bool, typer.Option("--json", help="For a program.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, the latest.")]


def find(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT|ID", help="Part of a title, or an id.")],
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Find uploads by a part of their title, or by an id: of the file, the event, a message or the upload.

    It looks into the history, and for what that does not know into the ledger. What the ingress keeps while the
    broker is away has no title yet: how much that is, and what else could not be seen, stands below. The database
    is found by DATABASE_URL, or DATABASE_URL_FILE, the ingress by HEALTH_URLS, or by INGRESS_HOST and INGRESS_PORT.
    Exit codes: 0 found, 1 nothing found or the database failed, 2 wrong usage or settings.

    \b
    Examples:
      intake find "Invoice 4711"
      intake find 748301 --json | jq -r '.[].correlation_id'
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    text = _id_in(text, "file") if "://" in text else text
    ingress = settings_or_exit(Ingress, context.obj)
    with Waiting("searching the history"):
        unseen = list(spooled(ingress.pages))
        with _database(context.obj, unseen) as database:
            found = search(database, text, limit)
    _show(found.uploads, as_json)
    if not found.uploads:
        complain(f"no upload has {text!r} in its title, or as an id")
    for sentence in (*found.unseen, *unseen):
        complain(sentence)
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

    Exit codes: 0 found, 1 nothing found or the database failed, 2 wrong usage or settings.

    \b
    Examples:
      intake timeline 748301
      intake timeline 5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11 --json | jq '.steps[].outcome'
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
    else:
        for upload, steps in told:
            (view.rich_timeline if on_terminal() else view.plain_timeline)(upload, steps)


def list_(
    context: typer.Context,
    *,
    state: Annotated[State | None, typer.Option(help="Only those that are so now.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="1d", help="Only those with a step since: 30m, 2h, 7d.")
    ] = None,
    room: Annotated[str | None, typer.Option(metavar="ID", help="Only those of this room.")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List uploads, the latest first. The room is known of those that a rule took for an invoice.

    Exit codes: 0 done, 1 the database failed, 2 wrong usage or settings.

    \b
    Examples:
      intake list --state failed --since 1d
      intake list --room 86190 --json | jq length
    """  # noqa: D301 # as above
    room = None if room is None else _id_in(room, "folder")
    oldest = None if since is None else time.time() - seconds(since)
    with _queries(context.obj) as queries, Waiting("searching the history"):
        found = queries.latest(state=state, since=oldest, room=room, limit=limit)
    _show(found, as_json)
    if not found and not as_json:
        say("No such upload.")


def _id_in(text: str, wanted: Kind) -> str:
    try:
        return id_text(entry_id(text, wanted))
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} {error}") from None


def _show(found: list[Upload], as_json: bool) -> None:
    if as_json:
        say_json(view.uploads_record(found))
    elif found and on_terminal():
        view.rich_uploads(found)
    elif found:
        view.plain_uploads(found)


@contextlib.contextmanager
def _queries(environ: Mapping[str, str]) -> Iterator[Queries]:
    with _database(environ) as database:
        yield Queries(database)


@contextlib.contextmanager
def _database(environ: Mapping[str, str], beside: Sequence[str] = ()) -> Iterator[Database]:
    """Ends the command where it fails, with one sentence and those that belong beside it."""
    names = ("DATABASE_URL", "DATABASE_URL_FILE", "TLS_CA_FILE")
    try:
        settings = load(LedgerDatabase, {name: environ[name] for name in names if name in environ})
        with contextlib.closing(Database(settings.database_url.get_secret_value())) as database:
            yield database
    except (SettingsError, ValueError) as error:
        complain(f"this setting is wrong: {error}")
        raise typer.Exit(USAGE) from None
    except IntakeError as error:
        for sentence in (str(error), *beside):
            complain(sentence)
        raise typer.Exit(FAILED) from None
