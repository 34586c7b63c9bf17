"""`dead list|show|replay|discard`: the messages that wait for a person, and what the person decides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from console.actions.doing import person
from console.actions.on_record import on_record
from console.connect.broker import broker_urls, dead_letters
from console.dead import view
from console.dead.archive import Archive, line
from console.dead.claims import let_go
from console.dead.facts import groups
from console.dead.lanes import lanes
from console.dead.selection import Selection, stage_named
from console.settings import FAILED
from console.terminal.printing import agreed, complain, on_terminal, say, say_json
from console.terminal.progress import Waiting
from shared.amqp.operator.dead_letters import DeadLetter, DeadLetters, Decide, Told, Verdict

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

LETTERS = "dead letters"
"""As the audit calls them."""


def _stage(text: str) -> str:
    try:
        return stage_named(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Ids = Annotated[list[str] | None, typer.Argument(metavar="MESSAGE_ID", help="The letters with these ids.")]
OfStage = Annotated[
    str | None,
    typer.Option(
        metavar="STAGE",
        parser=_stage,
        help="Only this worker's dead letters; dispatcher.NAME for those of the endpoint NAME.",
    ),
]
Reason = Annotated[
    str | None,
    typer.Option(metavar="CODE|TEXT", help="Only those with this code, or with TEXT in their reason or error."),
]
All = Annotated[bool, typer.Option("--all", help="Every dead letter, where nothing else is given.")]
Json = Annotated[bool, typer.Option("--json", help="For a program.")]
JsonLines = Annotated[bool, typer.Option("--json", help="One JSON object a line, as `dead discard` writes.")]


@app.callback()
def dead() -> None:
    """The messages that no worker could handle: look at them, have them tried again, or put them away.

    \b
    Examples:
      intake dead list
      intake dead show 5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11
      intake dead replay --stage mover --reason no-right
      intake dead discard --stage classifier --to dead.jsonl

    The letters of the endpoints are among them where DATABASE_URL says which endpoints there are.

    The broker is found by AMQP_URL, or AMQP_URL_FILE. Exit codes: 0 done, 1 nothing matched or the broker or
    a file failed, 2 wrong usage or settings. Every command may be repeated and may be stopped at any time.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines


@app.command("list")
def list_(context: typer.Context, stage: OfStage = None, as_json: Json = False) -> None:
    """Group the dead letters by stage and reason.

    Reasons that differ in numbers and ids alone count as one. Each begins with its code, which --reason takes, and
    which docs/reference/failures.md explains.

    \b
    Examples:
      intake dead list
      intake dead list --stage mover --json | jq '.[].count'

    Exit codes: 0 done, 1 the broker failed, 2 wrong usage or settings.
    """  # noqa: D301 # as above
    found = groups(_read(context.obj, Selection(stage=stage)))
    if stage is None and not as_json and lanes(context.obj).unset:
        say("DATABASE_URL is not set, so only --stage dispatcher.NAME shows those of an endpoint.", err=True)
    if as_json:
        say_json([view.as_json(group) for group in found])
    elif not found:
        say("No dead letters.")
    elif on_terminal():
        view.rich_table(found)
    else:
        say(view.plain(found))


@app.command()
def show(
    context: typer.Context,
    message_id: Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="As `dead list` prints it.")],
    as_json: JsonLines = False,
) -> None:
    """Print all that the broker has of one dead letter.

    Should several have this id, of each.

    \b
    Examples:
      intake dead show 5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11
      intake dead show 5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11 --json | jq .headers

    Exit codes: 0 done, 1 no letter has this id or the broker failed, 2 wrong usage or settings.
    """  # noqa: D301 # as above
    selection = Selection(frozenset({message_id}))
    found = _read(context.obj, selection)
    _exit_if_missing(selection, found)
    say("\n".join(map(line, found)) if as_json else "\n\n".join(map(view.whole, found)))


@app.command()
def replay(
    context: typer.Context,
    *,
    message_ids: Ids = None,
    stage: OfStage = None,
    reason: Reason = None,
    everything: All = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
    override: Annotated[
        bool, typer.Option("--override", help="Do again what is done: forward and announce once more.")
    ] = False,
    as_json: JsonLines = False,
) -> None:
    """Send dead letters back to their worker.

    They have all their retries ahead of them again. What was done before is not done twice, unless --override
    says so; each run of it does it once more. A file that is in its folder already is not moved again.

    \b
    Examples:
      intake dead replay --stage mover --reason no-right --dry-run
      intake dead replay 5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11
      intake dead replay --all
      intake dead replay 5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11 --override

    Exit codes: 0 done, 1 nothing matched or the broker failed, 2 wrong usage or settings.
    """  # noqa: D301 # as above
    selection = _selection(message_ids, stage, reason, everything)
    urls = broker_urls(context.obj)
    told = line if as_json else view.one
    done: list[DeadLetter] = []
    if dry_run:
        done = _read(context.obj, selection)
        say("\n".join(told(letter) for letter in done))
    else:
        filter_ = selection.as_filter() | {"override": override}
        with (
            on_record(context.obj, "retry", LETTERS, filter_, lambda: f"{len(done)} done"),
            dead_letters(urls) as letters,
        ):
            stages = _stages(context.obj, selection)
            run = uuid4().hex if override else None
            for letter in _swept(letters, selection, stages, lambda _: Verdict.REPLAY, override=run):
                done.append(letter)
                say(told(letter))
    _exit_if_missing(selection, done)
    say(f"{'Would be replayed' if dry_run else 'Replayed'}: {len(done)}", err=True)


@app.command()
def discard(
    context: typer.Context,
    *,
    to: Annotated[Path, typer.Option(dir_okay=False, metavar="FILE", help="Kept here, one JSON object a line.")],
    message_ids: Ids = None,
    stage: OfStage = None,
    reason: Reason = None,
    everything: All = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonLines = False,
) -> None:
    """Take dead letters off the broker, into FILE.

    What FILE holds already stays. Where DATABASE_URL says which ledger the workers use, the files that the mover's
    letters were about are free for a later event of the same upload.

    \b
    Examples:
      intake dead discard --stage classifier --reason unreadable --to dead.jsonl
      intake dead discard 5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11 --to dead.jsonl --yes

    Exit codes: 0 done, 1 nothing matched, FILE or the broker failed, 2 wrong usage or settings.
    """  # noqa: D301 # as above
    selection = _selection(message_ids, stage, reason, everything)
    urls = broker_urls(context.obj)
    if as_json and not yes:
        raise typer.BadParameter("--json does not ask: add --yes")
    if not yes:
        selection = _agreed(selection, _read(context.obj, selection), to)
    told = line if as_json else view.one
    done: list[DeadLetter] = []
    try:
        with (
            on_record(
                context.obj,
                "discard",
                LETTERS,
                selection.as_filter() | {"to": str(to)},
                lambda: f"{len(done)} done",
            ),
            dead_letters(urls) as letters,
            Archive(to) as archive,
        ):
            stages = _stages(context.obj, selection)

            def put_away(letter: DeadLetter) -> Verdict:
                archive.keep(letter)
                return Verdict.REMOVE

            for letter in _swept(letters, selection, stages, put_away):
                done.append(letter)
                say(told(letter))
    finally:
        fault = let_go(done, context.obj)
        if fault:
            complain(fault)
    _exit_if_missing(selection, done)
    say(f"Discarded into {to}: {len(done)}", err=True)


def _selection(message_ids: list[str] | None, stage: str | None, reason: str | None, everything: bool) -> Selection:
    selection = Selection(frozenset(message_ids or ()), stage, reason)
    if selection.empty and not everything:
        raise typer.BadParameter("say which: by MESSAGE_ID, --stage, --reason, or --all")
    return selection


def _read(environ: Mapping[str, str], selection: Selection) -> list[DeadLetter]:
    with dead_letters(broker_urls(environ)) as letters, Waiting("reading the dead letters"):
        stages = _stages(environ, selection)
        return [letter for stage in stages for letter in letters.read(stage) if letter in selection]


def _stages(environ: Mapping[str, str], selection: Selection) -> Sequence[str]:
    """Those to look at. If the database does not say which endpoints there are, a sentence says so."""
    if selection.stage:
        return selection.stages()
    known = lanes(environ)
    if known.fault:
        complain(f"the endpoints' dead letters are left out; --stage dispatcher.NAME takes one's: {known.fault}")
    return selection.stages(known.stages)


def _swept(
    letters: DeadLetters,
    selection: Selection,
    stages: Sequence[str],
    decide: Decide,
    *,
    override: str | None = None,
) -> Iterator[DeadLetter]:
    """Those that are selected, as each is done with; the others stay. The timeline says who did it."""
    by = Told(by=str(person()))
    for stage in stages:
        for letter, verdict in letters.sweep(
            stage,
            lambda letter: decide(letter) if letter in selection else Verdict.KEEP,
            override=override,
            tell=lambda _: by,
        ):
            if verdict is not Verdict.KEEP:
                yield letter


def _agreed(selection: Selection, found: list[DeadLetter], to: Path) -> Selection:
    """What was shown and agreed to, and nothing that dies meanwhile; ends the command where the answer is no."""
    _exit_if_missing(selection, found)
    for letter in found:
        say(view.one(letter))
    agreed(f"Take {len(found)} off the broker, into {to}?", abort=True)
    return replace(selection, message_ids=frozenset(letter.message_id for letter in found))


def _exit_if_missing(selection: Selection, found: list[DeadLetter]) -> None:
    missing = selection.message_ids - {letter.message_id for letter in found}
    if missing:
        complain(f"no such dead letter: {', '.join(sorted(missing))}")
    elif not found:
        complain("no dead letter matches")
    if missing or not found:
        raise typer.Exit(FAILED)
