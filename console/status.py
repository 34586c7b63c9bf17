"""`status`: queues, consumers, dead letters and workers at a glance, once or again and again."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from console.harmless import harmless
from console.queues import Queues, look
from console.readiness import Readiness, ask
from console.settings import FAILED, settings_or_exit
from shared.amqp.survey import Survey
from shared.errors import IntakeError
from shared.settings import Process


def command(
    context: typer.Context,
    *,
    worker: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A worker's health port, such as http://mover:9100; may be repeated."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Again and again, until Ctrl-C.")] = False,
    every_s: Annotated[float, typer.Option("--every", metavar="SECONDS", min=0.2, help="How often.")] = 2.0,
    as_json: Annotated[bool, typer.Option("--json", help="For a program; with --watch one line a look.")] = False,
) -> None:
    """Show how the pipeline stands.

    For every stage what waits, who consumes and how many dead letters; what waits to be tried again; and, of the
    workers that are named, whether they are ready. Messages in a worker's hand are not counted.

    \b
    Examples:
      intake status
      intake status --watch
      intake status --worker http://127.0.0.1:3000 --worker http://127.0.0.1:9100
      intake status --json | jq '[.stages[].dead] | add'

    The broker is found by AMQP_URL. Exit codes: 0 shown, 1 the broker does not answer, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings = settings_or_exit(Process, context.obj)
    looks = _looks(settings, worker or [], every_s if watch else None)
    try:
        if as_json:
            for queues, workers in looks:
                report = {**asdict(queues), "workers": [asdict(found) for found in workers]}
                typer.echo(json.dumps(report, indent=None if watch else 2, ensure_ascii=False))
        elif watch:
            _live(plain(*look) for look in looks)
        else:
            for found in looks:
                typer.echo(plain(*found))
    except IntakeError as error:
        typer.echo(f"intake: {error}", err=True)
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        return


def _looks(
    settings: Process,
    workers: Sequence[str],
    every_s: float | None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[Queues, list[Readiness]]]:
    """One, or where `every_s` is given one after the other. A worker that does not answer holds it up 3 s."""
    with Survey(settings.amqp_urls) as survey:
        while True:
            yield look(survey, settings.retry_delays_s), [ask(address) for address in workers]
            if every_s is None:
                return
            sleep(every_s)


def plain(queues: Queues, workers: Sequence[Readiness]) -> str:
    lines = [f"{'stage':<12}{'waiting':>9}{'consumers':>11}{'dead':>6}"]
    for stage in queues.stages:
        cells = [_count(number) for number in (stage.waiting, stage.consumers, stage.dead)]
        lines.append(f"{stage.name:<12}{cells[0]:>9}{cells[1]:>11}{cells[2]:>6}")
    waiting = {name: count for name, count in queues.delays.items() if count}
    again = ", ".join(f"{count} in {name}" for name, count in waiting.items())
    lines += ["", f"to be tried again: {again or 'none'}"]
    for worker in workers:
        faults = "; ".join(f"{name}: {fault}" for name, fault in worker.faults.items())
        lines.append(harmless(f"{worker.address}: {'ready' if worker.ready else f'NOT READY, {faults}'}"))
    return "\n".join(lines)


def _live(pictures: Iterator[str]) -> None:
    console = Console()
    if not console.is_terminal:
        for picture in pictures:
            typer.echo(picture + "\n")
        return
    with Live(console=console, auto_refresh=False) as live:
        for picture in pictures:
            live.update(Text(f"{picture}\n\n{time.strftime('%H:%M:%S')}, Ctrl-C ends it"), refresh=True)


def _count(number: int | None) -> str:
    return "-" if number is None else str(number)
