"""`portal check`: what only a live portal can show."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from console.connect.broker import broker_urls
from console.connect.portal import portal_client
from console.portal_check.exchanges import CheckEndedError, Exchanges
from console.portal_check.masked import HIDDEN, write
from console.portal_check.way import Way
from console.rules.live import live_or_exit
from console.settings import FAILED, USAGE, settings_or_exit
from console.terminal.printing import agreed, complain, say, say_json
from console.terminal.progress import Waiting
from shared.errors import IntakeError
from shared.process.live_rules import RuledDatabase
from shared.process.settings import Portal
from shared.rules.ids import entry_id
from shared.text.outside import cell
from shared.wire.events import EntryId

WAIT_S = 60.0

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


class Settings(Portal, RuledDatabase):
    """The portal, and the rules whose room and destination are taken where none is given."""


@app.callback()
def portal() -> None:
    """What a live portal alone can show.

    \b
    Example:
      intake portal check

    Exit codes: 0 done, 1 something differs or the way could not be gone, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines


@app.command("check")
def check(
    context: typer.Context,
    *,
    room: Annotated[
        str | None, typer.Option(metavar="ID", help="Where the file is made: the first room that a rule names.")
    ] = None,
    destination: Annotated[
        str | None, typer.Option(metavar="ID", help="Where it is moved: that rule's destination.")
    ] = None,
    wait_s: Annotated[
        float,
        typer.Option(
            "--wait", metavar="SECONDS", min=1, max=600, help="The longest for each thing that takes its time."
        ),
    ] = WAIT_S,
    record: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep each exchange there, without names, titles and ids.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report, to be attached to a bug report.")] = False,
) -> None:
    """Go the whole way with a small file of its own, and compare each answer of the portal with what is believed.

    It uploads a file to the room, looks at it, locks, renames and moves it, waits until its webhook is seen at the
    ingress (where the broker cannot be asked: in the portal's log), and deletes it for good. The service user's own
    files are no invoices, so nobody is told of it. The report holds no names, titles, ids, addresses or keys.

    \b
    Examples:
      intake portal check
      intake portal check --room 86190 --destination 748239 --yes
      intake portal check --yes --json > report.json
      intake portal check --yes --record answers/

    Exit codes: 0 all is as believed, 1 something differs, no webhook came or the way could not be gone, 2 wrong
    usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings = settings_or_exit(Settings, context.obj)
    rules = live_or_exit(settings).rules
    rule = next((rule for rule in rules if rule.rooms), rules[0])
    if not (room or rule.rooms):
        raise typer.BadParameter("no rule names a room by its id: say --room")
    try:
        source = entry_id(room or rule.rooms[0])
        target = entry_id(destination) if destination else rule.destination
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if not yes:
        agreed(f"Upload a small file to room {source}, move it to folder {target} and delete it?", abort=True)
    raise typer.Exit(0 if go(context.obj, settings, (source, target), wait_s, record, as_json=as_json) else FAILED)


def go(
    environ: Mapping[str, str],
    settings: Portal,
    between: tuple[EntryId, EntryId],
    wait_s: float = WAIT_S,
    record: Path | None = None,
    *,
    as_json: bool = False,
) -> bool:
    """Go the way from a room to a destination, and print the report. Whether all is as believed and tidied up."""
    with contextlib.closing(portal_client(settings)) as client, Waiting() as waiting:
        asked = Exchanges(client, waiting)
        way = Way(asked, *between, broker_urls(environ), wait_s)
        fault, is_tidy = _gone(way)
    ended = f"{fault[0]}: {fault[1]}" if fault else None
    report = _report(way, fault, client.host, is_tidy=is_tidy)
    if record is not None:
        _keep(record, asked)
    if as_json:
        say_json(report)
    else:
        say("\n".join(_lines(report, ended)))
    return bool(is_tidy and report["as_believed"])


def _gone(way: Way) -> tuple[tuple[str, Exception] | None, bool]:
    """At which step and why the way could not be gone to its end, and whether nothing is left."""
    fault: tuple[str, Exception] | None = None
    is_tidy = False
    try:
        way.go()
    except (CheckEndedError, IntakeError) as error:
        fault = way.asked.step, error
    finally:  # after Ctrl-C too
        is_tidy = _tidied(way)
    return fault, is_tidy


def _tidied(way: Way) -> bool:
    """A second Ctrl-C ends it, and what may be left is said then too."""
    is_tidy = False
    try:
        is_tidy = way.tidy()
    finally:
        if not is_tidy:
            complain(f"{way.title!r} may be left on the portal: delete it there")
    return is_tidy


def _report(way: Way, fault: tuple[str, Exception] | None, host: str, *, is_tidy: bool) -> dict[str, Any]:
    asked, ended = way.asked, None
    if fault is not None:
        step, error = fault
        ended = f"{step}: {error.sentence if isinstance(error, CheckEndedError) else error}"
        for named in (host, str(way.room), str(way.destination)):
            ended = ended.replace(named, HIDDEN)
    return {
        "as_believed": ended is None and not asked.differences and way.webhook.is_well,
        "ended_early": _without_titles(ended) if ended else None,
        "webhook": way.webhook.text,
        "differences": [asdict(found) for found in asked.differences],
        "slow": sorted({each.route for each in asked.all if each.is_slow}),
        "exchanges": [
            {"step": each.step, "route": each.route, "status": each.status, "took_ms": round(each.took_s * 1000)}
            for each in asked.all
        ],
        "left_behind": not is_tidy,
    }


def _without_titles(sentence: str) -> str:
    """What stands in quotes was somebody's word."""
    parts = sentence.split('"')
    return '"'.join(HIDDEN if place % 2 else part for place, part in enumerate(parts))


def _lines(report: dict[str, Any], ended: str | None) -> Iterator[str]:
    steps = dict.fromkeys(each["step"] for each in report["exchanges"])
    differing = {each["step"] for each in report["differences"]}
    for step in steps:
        yield f"{'differs' if step in differing else 'ok':8}{step}"
    for each in report["differences"]:
        yield cell(f"  {each['route']}: {each['where']}: {each['what']}")
    for route in report["slow"]:
        yield f"  slower than was seen anywhere: {route}"
    yield cell(f"{'webhook':8}{report['webhook']}")
    if ended is not None:
        yield cell(f"ended   {ended}")
    elif report["differences"]:
        yield "Something differs from what is believed: please report it, with what --json prints."
    elif not report["as_believed"]:
        yield "All answers are as believed, and the webhook did not come."
    else:
        yield "All answers are as believed."


def _keep(folder: Path, asked: Exchanges) -> None:
    try:
        kept = write(folder, asked.all)
    except OSError as error:
        complain(f"{folder} cannot be written to: {error.strerror}")
        raise typer.Exit(USAGE) from None
    say(f"kept {kept} exchanges in {folder}", err=True)
