"""`status`: how the pipeline stands at a glance, once or again and again. Wires and prints."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import starmap
from typing import Annotated

import typer

from console.connect.management import Management
from console.problems.gather import NEAR, gather
from console.problems.problem import Found
from console.settings import FAILED, Pages, settings_or_exit
from console.status.snapshot import SECOND_LOOK_S, Onlooker, Standing
from console.status.view import as_json as told_as_json
from console.status.view import lines
from console.terminal.printing import say, say_again, say_json
from console.terminal.progress import Waiting
from shared.process.settings import LedgerDatabase, Process, SettingsError, load
from shared.store.history.tables import Database

PROBLEMS_EVERY_S = 30.0
PROBLEMS_LIMIT_S = 10.0


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

    First whether anything needs you, by those checks of `intake problems` that take seconds. Then of each stage
    what waits, what is in a worker's hand, what comes and goes a second, how long the oldest has waited, who
    consumes, and how many dead letters; what waits to be tried again; the ingress's spool; the breaker; whether
    each worker is ready; how many webhooks were refused; and if the ingress has several secrets, how many events
    were signed with each. A ? is unknown, and the reason stands beside it or below.

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
            say_again(starmap(lines, looks), _footers())
        else:
            for standing, found in looks:
                if as_json:
                    say_json(told_as_json(standing, found), indent=None if watch else 2)
                else:
                    for line in lines(standing, found):
                        say(line)
                if not watch and "broker" in standing.unknown:
                    raise typer.Exit(FAILED)
    except KeyboardInterrupt:
        return


def _looks(
    settings: Settings,
    workers: Sequence[str],
    environ: Mapping[str, str],
    every_s: float | None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[Standing, Found]]:
    """One, or where `every_s` is given one after the other. A worker that does not answer holds it up 3 s."""
    management = Management(settings.amqp_urls, settings.management_url)
    problems = Problems(environ, workers)
    with (
        _history(environ) as database,
        Onlooker(
            settings.amqp_urls,
            settings.retry_delays_s,
            management,
            database,
            addresses=workers,
            names=settings.names,
        ) as onlooker,
    ):
        while every_s is not None:
            yield onlooker.look(), problems.look()
            sleep(every_s)
        with Waiting("asking the broker and the workers"), ThreadPoolExecutor(1) as beside:
            found = beside.submit(problems.look)
            standing = onlooker.look()
            if "rates" in standing.unknown and onlooker.needs_second_look:
                sleep(SECOND_LOOK_S)
                standing = onlooker.look()
        yield standing, found.result()


class Problems:
    """What needs a person, looked for again once that is some time ago: it takes longer than the figures."""

    def __init__(self, environ: Mapping[str, str], workers: Sequence[str]) -> None:
        self._environ = {**environ, "HEALTH_URLS": ",".join(workers)}
        self._found: Found | None = None
        self._looked_at = 0.0

    def look(self) -> Found:
        now = time.monotonic()
        if self._found is None or now - self._looked_at > PROBLEMS_EVERY_S:
            self._found, self._looked_at = gather(self._environ, NEAR, PROBLEMS_LIMIT_S), now
        return self._found


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
