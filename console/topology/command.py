"""`topology`: arguments, exit codes, and how it looks."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from console.settings import FAILED, settings_or_exit
from console.terminal.printing import complain, say, say_json
from console.topology.making import Made, Settings, make
from shared.errors import IntakeError
from shared.store.upgrade import Upgrade


def command(
    context: typer.Context,
    *,
    wait_s: Annotated[
        int,
        typer.Option("--wait", min=0, help="Retry for so many seconds while the broker or the database is away."),
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Make what the workers need: exchanges, queues and bindings on the broker, tables in the database.

    Repeating it is safe, and so is running it while the workers run: it removes no queue and no message. Docker
    Compose runs it before them. A worker whose broker user may declare makes what it needs by itself, so that it
    can start on a bare broker; one whose user may not waits until this was run. The history's stream is made too:
    it keeps a copy of all events for a week.

    \b
    Examples:
      intake topology
      intake topology --wait 60
      docker compose run --rm topology

    The broker is found by AMQP_URL, the database by DATABASE_URL; RETRY_DELAYS_S says which delay queues there are.
    Exit codes: 0 all is there, 1 the broker or the database could not be reached or refused it, 2 wrong usage or
    settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings = settings_or_exit(Settings, context.obj)
    try:
        made = make(settings, wait_s, lambda reason: say(f"waiting: {reason}", err=True))
    except IntakeError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    if as_json:
        say_json(asdict(made))
    else:
        say("\n".join(_lines(made)))


def _lines(made: Made) -> Iterator[str]:
    yield f"broker    made {', '.join(made.broker)}" if made.broker else "broker    all was there"
    changed = [_upgraded(each) for each in made.database if each.before != each.now]
    yield f"database  {', '.join(changed)}" if changed else "database  all was there"
    if made.roles:
        yield f"roles     {', '.join(made.roles)} have their rights on the tables"


def _upgraded(upgrade: Upgrade) -> str:
    if upgrade.before is None:
        return f"{upgrade.part} made at version {upgrade.now}"
    return f"{upgrade.part} brought from version {upgrade.before} to {upgrade.now}"
