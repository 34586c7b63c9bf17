"""`reconcile`: finds the uploads that no webhook brought, and sends them in by the same door. Wires and prints."""

import functools
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from console.not_taken import run as not_taken
from console.operator import run as operator
from console.reconcile.by_hand import Wish, pass_by_hand, write_baseline
from console.reconcile.finding import State
from console.reconcile.forever import run_for_ever
from console.reconcile.report import Report, as_json, text
from console.reconcile.settings import BY_HAND, GRACE_S, Settings
from console.settings import FAILED, USAGE, settings_or_exit
from console.terminal.duration import seconds
from console.terminal.printing import complain, say, say_json
from console.terminal.progress import Waiting
from shared.docspace.field import moment
from shared.errors import IntakeError
from shared.process.logs import configure_logs
from shared.threads import vital
from shared.threads.vital import Then

LAST_WORDS_S = 10.0
"""For a message to the operator that is under way: ended in between, it would be sent again."""


def command(
    context: typer.Context,
    *,
    since: Annotated[
        str | None, typer.Option(metavar="2h", help="Judge all that changed since: 30m, 2h, 7d.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read each room whole, not only what changed lately.")
    ] = False,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Only write down what lay there at that time (now, or ISO) for new rules."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sent in.")] = False,
    every: Annotated[
        int | None, typer.Option(metavar="SECONDS", help="Sweep for ever; as RECONCILE_EVERY_S.")
    ] = None,
    grace: Annotated[int, typer.Option(metavar="SECONDS", help="Leave out what is younger.")] = GRACE_S,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name every file, and why.")] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Find the invoices that no webhook brought, and send them into the pipeline.

    It lists the files of all depths in the rules' rooms that changed within two hours, or since --since; with
    --full all of them, as a folder that was moved into a room keeps the old times of its files. An invoice that is
    neither filed nor under way, nor waits at the portal, is sent to the classifier as if its webhook had come. What
    lay in a room when its rule was made is left alone, unless it changed since --since. Repeating it doubles
    nothing.

    With RECONCILE_EVERY_S it goes on for ever, looks at everything twice a minute, and tells OPERATOR of problems.

    \b
    Examples:
      intake reconcile --since 2d --dry-run --verbose
      intake reconcile --full
      intake reconcile --every 900
      intake reconcile --baseline now

    Settings: those of the workers (see python -m mover --help), RECONCILE_EVERY_S, RECONCILE_FULL_HOUR and
    those whose names begin with OPERATOR. Exit codes: 0 done, 1 the portal, the broker or the ledger failed, or the
    webhook is missing or disabled, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings = settings_or_exit(Settings, context.obj)
    at = _time(baseline) if baseline else None
    by_hand = bool(since or full or baseline or dry_run)
    period_s = every if every is not None else (0 if by_hand else settings.reconcile_every_s)
    if period_s:
        configure_logs("reconcile", level=settings.log_level, log_format=settings.log_format)
        stop = _stop_on_signals()
        tell = functools.partial(operator.run_for_ever, context.obj, settings, stop)
        daily = functools.partial(not_taken.run_for_ever, settings, stop)
        telling = vital.start("operator", tell, then=Then.RESTART)
        telling_daily = vital.start("not-taken", daily, then=Then.RESTART)
        run_for_ever(settings, period_s, grace, stop)
        for thread in (telling, telling_daily):
            thread.join(LAST_WORDS_S)
        return
    configure_logs("reconcile", level="error", log_format=None, stream=sys.stderr)
    wish = Wish(
        since_s=seconds(since or BY_HAND), overrides=since is not None, full=full, grace_s=grace, dry_run=dry_run,
        keeps_all=verbose or as_json_,
    )  # fmt: skip
    try:
        with Waiting("looking through the rooms") as told:
            if at is not None:
                counts = write_baseline(settings, at, told)
                _tell(counts if as_json_ else _of_baselines(counts))
                return
            report = pass_by_hand(settings, wish, told)
    except IntakeError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    _tell(as_json(report) if as_json_ else text(report, verbose=verbose))
    _end(report, dry_run=dry_run and not as_json_)


def _tell(told: dict[str, Any] | str) -> None:
    if isinstance(told, str):
        say(told)
    else:
        say_json(told, indent=None)


def _end(report: Report, *, dry_run: bool) -> None:
    if dry_run:
        say(f"Nothing was sent in; {report.counts[State.MISSED.value]} would be.", err=True)
    for line in report.unchecked:
        complain(f"not checked: {line}")
    if report.webhook:
        complain(f"WARNING: {report.webhook}")
        raise typer.Exit(FAILED)


def _of_baselines(counts: dict[str, int]) -> str:
    lines = [f"room {room}: {count} files lay there before its rule" for room, count in counts.items()]
    return "\n".join(lines) or "each rule has its baseline already"


def _time(text: str) -> datetime:
    at = datetime.now(UTC) if text == "now" else moment(text)
    if at is None or at > datetime.now(UTC) + timedelta(days=1):
        complain(f"--baseline: {text!r} is neither now nor a time such as 2026-07-02T09:00:00Z")
        raise typer.Exit(USAGE)
    return at


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
