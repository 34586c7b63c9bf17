"""`rules test`: how the decisions of the past would differ under other rules. Wires and prints."""

import time
from pathlib import Path
from typing import Annotated

import typer

from console.connect.broker import broker_urls
from console.rules import what_if_view
from console.rules.changes import changes
from console.settings import FAILED, USAGE, given, settings_or_exit
from console.terminal.duration import seconds
from console.terminal.printing import complain, on_terminal, say, say_json
from console.terminal.progress import Waiting
from shared.errors import IntakeError
from shared.process.settings import Portal
from shared.rules.file import RulesError, load_rules
from shared.rules.model import RuleSet


def command(
    context: typer.Context,
    *,
    new: Annotated[Path, typer.Argument(metavar="NEW.toml", help="The rules to try.")],
    since: Annotated[str, typer.Option(metavar="7d", help="How far to look back: 30m, 2h, 7d.")] = "7d",
    against: Annotated[
        Path | None, typer.Option(metavar="OLD.toml", help="Compare with these rules, not with what was decided.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask the portal nothing.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Show at most so many, the latest.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For a program; holds all of them.")] = False,
) -> None:
    """Show how the decisions about past uploads would differ under the rules in NEW.toml.

    Compared is what was decided in fact, or with --against what other rules say. It only reads: the past is the
    stream that `intake history` keeps on the broker, about a week. An upload changes if it becomes an invoice or
    none, goes to another folder or tells other people; it is shown with the reason then and now. Which channels
    were told in fact is not recorded.

    What the history did not record (mostly the room of a folder from which nothing was filed yet) is asked of the
    portal, once for each folder; with --offline, or where it cannot tell, the upload counts as unknown.

    \b
    Examples:
      intake rules test new-rules.toml --since 7d
      intake rules test new-rules.toml --against "$RULES_FILE" --offline
      intake rules test new-rules.toml --json | jq '.changes[] | .title'

    The broker is found by AMQP_URL, the portal by DOCSPACE_API_HOST and DOCSPACE_API_KEY. Exit codes: 0 compared,
    whatever would change, 1 the broker or its history is not there, 2 wrong usage or settings, or a fault in the
    rules.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    wanted, before = _rules(new), _rules(against) if against else None
    begin = time.time() - seconds(since)
    urls = broker_urls(context.obj)
    if not offline and (given("DOCSPACE_API_HOST", context.obj) or given("DOCSPACE_API_KEY", context.obj)):
        settings_or_exit(Portal, context.obj)
    try:
        with Waiting() as waiting:
            compared = changes(context.obj, urls, begin, (wanted, before), waiting, offline=offline)
    except IntakeError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    _show(what_if_view.Report(begin, str(against) if against else "decided", compared), limit, as_json=as_json)


def _show(report: what_if_view.Report, limit: int, *, as_json: bool) -> None:
    if as_json:
        say_json(what_if_view.as_json(report))
        return
    (what_if_view.rich_table if on_terminal() else what_if_view.plain)(report, limit)
    say(what_if_view.summary(report, limit), err=True)


def _rules(file: Path) -> RuleSet:
    try:
        return load_rules(file)
    except RulesError as error:
        say(str(error), err=True)
        raise typer.Exit(USAGE) from None
