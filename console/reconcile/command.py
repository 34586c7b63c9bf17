"""`reconcile`: finds the uploads that no webhook brought, and sends them in by the same door. Wires and prints."""

import json
import signal
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import structlog
import typer

from console.duration import seconds
from console.reconcile.compare import State, Window
from console.reconcile.run import Door, Report, Settings, sweep
from console.settings import FAILED, settings_or_exit
from console.waiting import Waiting
from shared.errors import IntakeError
from shared.logs import configure_logs

GRACE_S = 120
"""DocSpace tries a webhook for about 31 s, and its queue may lag; what is younger may still come by itself."""
OVERLAP = 2
"""A periodic sweep looks back over so many intervals, so that one that failed is made up for."""

log = structlog.get_logger()


def command(
    context: typer.Context,
    *,
    since: Annotated[str, typer.Option(metavar="2h", help="How far to look back: 30m, 2h, 7d.")] = "2h",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sent in.")] = False,
    every: Annotated[
        int | None, typer.Option(metavar="SECONDS", help="Sweep for ever; as RECONCILE_EVERY_S.")
    ] = None,
    grace: Annotated[int, typer.Option(metavar="SECONDS", help="Leave out what is younger.")] = GRACE_S,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name every file, and why.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Find the invoices that no webhook brought, and send them into the pipeline.

    It lists the files in the rules' rooms, and the portal's log of failed webhooks. An invoice that is neither
    filed nor under way is sent to the classifier as if its webhook had come. Repeating it doubles nothing.

    \b
    Examples:
      intake reconcile --since 2d --dry-run --verbose
      intake reconcile --since 2h
      intake reconcile --every 900

    Settings: those of the workers (see python -m mover --help), and RECONCILE_EVERY_S. Exit codes: 0 done, 1 the
    portal, the broker or the ledger failed, or the webhook is missing or disabled, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings = settings_or_exit(Settings, context.obj)
    period_s = settings.reconcile_every_s if every is None else every
    if period_s:
        _for_ever(settings, period_s, grace)
        return
    configure_logs("reconcile", level="error", log_format=None, stream=sys.stderr)
    window = _window(seconds(since), grace)
    try:
        with Waiting("looking through the rooms"), Door(settings) as door:
            report = sweep(settings, window, door, dry_run=dry_run)
    except IntakeError as error:
        typer.echo(f"intake: {error}", err=True)
        raise typer.Exit(FAILED) from None
    typer.echo(json.dumps(_as_json(report), ensure_ascii=False) if as_json else _text(report, verbose=verbose))
    if dry_run and not as_json:
        typer.echo(f"Nothing was sent in; {report.counts[State.MISSED.value]} would be.", err=True)
    for line in report.unchecked:
        typer.echo(f"intake: not checked: {line}", err=True)
    if report.webhook:
        typer.echo(f"intake: WARNING: {report.webhook}", err=True)
        raise typer.Exit(FAILED)


def _for_ever(settings: Settings, every_s: int, grace_s: int) -> None:
    """Until SIGTERM. A sweep that fails is logged, and made up for by the next."""
    configure_logs("reconcile", level=settings.log_level, log_format=settings.log_format)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log.info("worker.started", every_s=every_s)
    while not stop.is_set():
        try:
            with Door(settings) as door:
                report = sweep(settings, _window(OVERLAP * every_s + grace_s, grace_s), door, dry_run=False)
        except IntakeError as error:
            log.error("reconcile.failed", reason=str(error))  # noqa: TRY400 - the sentence says it all
        else:
            if report.webhook:
                log.error("webhook.missing", reason=report.webhook)
            log.info("reconcile.done", injected=report.injected, unchecked=report.unchecked, **_keys(report.counts))
        stop.wait(every_s)
    log.info("worker.stopped")


def _keys(counts: Mapping[str, int]) -> dict[str, int]:
    return {name.replace(" ", "_"): count for name, count in counts.items()}


def _window(since_s: int, grace_s: int) -> Window:
    now = datetime.now(UTC)
    return Window(now - timedelta(seconds=since_s), now - timedelta(seconds=grace_s))


def _as_json(report: Report) -> dict[str, Any]:
    files = [
        {
            "file_id": finding.file.id,
            "title": finding.file.title,
            "state": finding.state.value,
            "why": finding.reason,
        }
        for finding in report.findings
    ]
    return {
        "found": len(files),
        "injected": report.injected,
        **_keys(report.counts),
        "webhook": report.webhook,
        "unchecked": report.unchecked,
        "files": files,
    }


def _text(report: Report, *, verbose: bool) -> str:
    lines = [f"{len(report.findings)} files looked at, {report.injected} sent in"]
    lines += [f"  {count:>6}  {name}" for name, count in report.counts.items() if count]
    shown = [f for f in report.findings if verbose or f.state in {State.MISSED, State.DONE, State.DEAD}]
    lines += [f"{f.state.value}: {f.file.title} ({f.file.id}): {f.reason}" for f in shown]
    return "\n".join(lines)
