"""`status`: how the pipeline stands at a glance, once or again and again. Wires and prints."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated

import typer

from console.connect.management import Management
from console.settings import FAILED, Pages, settings_or_exit
from console.status.snapshot import SECOND_LOOK_S, Onlooker, Standing
from console.status.view import as_json as told_as_json
from console.status.view import plain
from console.terminal.printing import say, say_again, say_json
from console.terminal.progress import Waiting
from shared.process.settings import LedgerDatabase, Process, SettingsError, load
from shared.store.history.tables import Database


class Settings(Process, Pages):
    pass


def command(
    context: typer.Context,
    *,
    worker: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A worker's health port, on top of HEALTH_URLS; may be repeated."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Again and again, until Ctrl-C.")] = False,
    every_s: Annotated[float, typer.Option("--every", metavar="SECONDS", min=0.2, help="How often.")] = 2.0,
    as_json: Annotated[bool, typer.Option("--json", help="For a program; with --watch one line a look.")] = False,
) -> None:
    """Show how the pipeline stands.

    For every stage what waits, what is in a worker's hand, what comes and goes a second, how long the oldest has
    waited, who consumes, and how many dead letters; what waits to be tried again; the ingress's spool; the breaker;
    whether each worker is ready; and if the ingress has several secrets, how many events were signed with each. A ?
    is unknown, and the reason stands below.

    \b
    Examples:
      intake status
      intake status --watch
      intake status --worker http://127.0.0.1:9100 --worker http://127.0.0.1:9101
      intake status --json | jq '[.stages[].dead] | add'

    The broker is found by AMQP_URL, its management API (rates, consumers) by MANAGEMENT_URL or, where the broker
    has the usual port, on port 15672 of the same host, the history and the ledger by DATABASE_URL, the workers by
    HEALTH_URLS, comma-separated: a name that stands for several is asked at each address. Exit codes: 0 shown, or
    ended by Ctrl-C, 1 shown without the broker, which does not answer, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings = settings_or_exit(Settings, context.obj)
    looks = _looks(settings, [*settings.health_urls, *(worker or [])], context.obj, every_s if watch else None)
    try:
        if watch and not as_json:
            say_again(map(plain, looks), _footers())
        else:
            for found in looks:
                if as_json:
                    say_json(told_as_json(found), indent=None if watch else 2)
                else:
                    say(plain(found))
                if not watch and "broker" in found.unknown:
                    raise typer.Exit(FAILED)
    except KeyboardInterrupt:
        return


def _looks(
    settings: Settings,
    workers: Sequence[str],
    environ: Mapping[str, str],
    every_s: float | None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Standing]:
    """One, or where `every_s` is given one after the other. A worker that does not answer holds it up 3 s."""
    management = Management(settings.amqp_urls, settings.management_url)
    with (
        _history(environ) as database,
        Onlooker(settings.amqp_urls, settings.retry_delays_s, management, database, addresses=workers) as onlooker,
    ):
        while every_s is not None:
            yield onlooker.look()
            sleep(every_s)
        with Waiting("asking the broker and the workers"):
            found = onlooker.look()
            if "rates" in found.unknown and onlooker.needs_second_look:
                sleep(SECOND_LOOK_S)
                found = onlooker.look()
        yield found


@contextlib.contextmanager
def _history(environ: Mapping[str, str]) -> Iterator[Database | str]:
    """Or why there is none: `status` shows what it can."""
    try:
        settings = load(LedgerDatabase, environ)
        database = Database(settings.database_url.get_secret_value())
    except (SettingsError, ValueError) as error:
        yield f"this setting is wrong: {error}"
        return
    with contextlib.closing(database):
        yield database


def _footers() -> Iterator[str]:
    while True:
        yield f"{time.strftime('%H:%M:%S')}, Ctrl-C ends it"
