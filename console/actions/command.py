"""`action …`: what a person has done to many uploads at once. Wires and prints."""

import contextlib
import getpass
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from console.actions import view
from console.actions.ask import Actions, Plan
from console.actions.run import run
from console.actions.site import Settings, Site
from console.dead.selection import Stage
from console.settings import FAILED, settings_or_exit
from console.terminal.printing import agreed, complain, say, say_json
from console.terminal.progress import Waiting
from shared.errors import IntakeError
from shared.store.actions.action import Action, State
from shared.store.audit.store import Person, Through

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Ids = Annotated[list[str] | None, typer.Argument(metavar="MESSAGE_ID", help="The letters with these ids.")]
OfStage = Annotated[Stage | None, typer.Option(help="Only this worker's dead letters.")]
Reason = Annotated[
    str | None,
    typer.Option(metavar="CODE|TEXT", help="Only those with this code, or with TEXT in their reason or error."),
]
Why = Annotated[str, typer.Option(metavar="TEXT", help="Stands on the audit and on the timeline.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Json = Annotated[bool, typer.Option("--json", help="For a program.")]
ActionId = Annotated[str, typer.Argument(metavar="ACTION", help="As `action list` prints it.")]


@app.callback()
def action() -> None:
    """Do something to many uploads at once: counted first, on the audit, stopped and resumed.

    \b
    Examples:
      intake action retry --reason no-right
      intake action put-away --stage classifier --reason unreadable --why "a test of the portal's"
      intake action list
      intake action resume 5f0c8a526a4e5d0b9c652f1d3c0f7a11

    At most 1,000 are done at once. The broker is found by AMQP_URL, the database by DATABASE_URL. Exit codes:
    0 done, 1 it could not be done, or not all of it, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines


@app.command()
def retry(
    context: typer.Context,
    *,
    message_ids: Ids = None,
    stage: OfStage = None,
    reason: Reason = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Send dead letters back to their worker. Without a choice, all of them.

    Exit codes: 0 done, 1 nothing fits, or not all was done, 2 wrong usage or settings.

    \b
    Example:
      intake action retry --reason no-right
    """  # noqa: D301 # as above
    _do(context.obj, "retry", _letters(message_ids, stage, reason), yes=yes, as_json=as_json)


@app.command("put-away")
def put_away(
    context: typer.Context,
    *,
    why: Why,
    message_ids: Ids = None,
    stage: OfStage = None,
    reason: Reason = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take dead letters off the list, and keep them for 90 days in the database.

    Exit codes: 0 done, 1 nothing fits, or not all was done, 2 wrong usage or settings.

    \b
    Example:
      intake action put-away --reason unreadable --why "sent by a test"
    """  # noqa: D301 # as above
    filter_ = _letters(message_ids, stage, reason) | {"why": why}
    _do(context.obj, "put away", filter_, yes=yes, as_json=as_json)


@app.command("take-back")
def take_back(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="As `action kept` prints it.")],
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make dead letters again of what was put away.

    Exit codes: 0 done, 1 nothing fits, or not all was done, 2 wrong usage or settings.

    \b
    Example:
      intake action take-back "5f0c8a526a4e5d0b9c652f1d3c0f7a11 1"
    """  # noqa: D301 # as above
    _do(context.obj, "take back", {"ids": ids}, yes=yes, as_json=as_json)


@app.command()
def kept(context: typer.Context, *, limit: int = 100, as_json: Json = False) -> None:
    """List what was put away and not taken back, the newest first.

    Exit codes: 0 done, 1 the database failed, 2 wrong usage or settings.

    \b
    Example:
      intake action kept --json | jq -r '.[].id'
    """  # noqa: D301 # as above
    with _actions(context.obj) as actions:
        found = actions.put_away(limit)
    if as_json:
        say_json(list(map(view.letter_record, found)))
    else:
        say("\n".join(map(view.letter_line, found)) or "Nothing was put away.")


@app.command("list")
def list_(context: typer.Context, *, limit: int = 50, as_json: Json = False) -> None:
    """List the actions that people asked for, the newest first.

    Exit codes: 0 done, 1 the database failed, 2 wrong usage or settings.

    \b
    Example:
      intake action list --json | jq '.[] | select(.state == "stopped") | .id'
    """  # noqa: D301 # as above
    with _actions(context.obj) as actions:
        found = actions.latest(limit)
    if as_json:
        say_json(list(map(view.record, found)))
    else:
        say("\n".join(map(view.line, found)) or "Nobody has asked for anything.")


@app.command()
def stop(context: typer.Context, action_id: ActionId) -> None:
    """Stop an action, from wherever it runs. What is in hand is finished.

    Exit codes: 0 stopped, 1 it was not running or the database failed, 2 wrong usage or settings.

    \b
    Example:
      intake action stop 5f0c8a526a4e5d0b9c652f1d3c0f7a11
    """  # noqa: D301 # as above
    with _actions(context.obj) as actions:
        if not actions.stop(action_id, _person()):
            complain("it does not run: see `intake action list`")
            raise typer.Exit(FAILED)


@app.command()
def resume(context: typer.Context, action_id: ActionId, *, as_json: Json = False) -> None:
    """Go on with an action that was stopped, or whose process was killed.

    Exit codes: 0 done, 1 not all was done, another process is at it, or the database failed, 2 wrong usage.

    \b
    Example:
      intake action resume 5f0c8a526a4e5d0b9c652f1d3c0f7a11
    """  # noqa: D301 # as above
    site = _site(context.obj)
    with _actions(context.obj) as actions:
        actions.resume(action_id, _person())
        _run(site, actions, action_id, as_json=as_json)


def _do(environ: Mapping[str, str], verb: str, filter_: dict[str, Any], *, yes: bool, as_json: bool) -> None:
    if as_json and not yes:
        raise typer.BadParameter("--json does not ask: add --yes")
    site = _site(environ)
    with _actions(environ) as actions:
        with Waiting("counting"):
            plan = actions.prepare(verb, filter_)
        if not plan.count:
            complain("nothing fits")
            raise typer.Exit(FAILED)
        _ask(plan, yes=yes)
        _run(site, actions, actions.start(plan, _person()), as_json=as_json)


def _ask(plan: Plan, *, yes: bool) -> None:
    say(f"{plan.will}.\n{plan.not_twice[:1].upper()}{plan.not_twice[1:]}.", err=True)
    if not yes:
        agreed("Go on?", abort=True)


def _run(site: Site, actions: Actions, action_id: str, *, as_json: bool) -> None:
    """In the foreground. Ctrl-C stops it: else another process would go on with it."""
    say(f"action {action_id}", err=True)
    try:
        with Waiting("at work"):
            mine = run(site, action_id)
    except KeyboardInterrupt:
        actions.stop(action_id, _person())
        complain(f"stopped: intake action resume {action_id} goes on with it")
        raise typer.Exit(FAILED) from None
    found = actions.state(action_id)
    if found is None:
        complain(f"there is no action {action_id}")
        raise typer.Exit(FAILED)
    if not mine and found.state is not State.DONE:
        complain("another process is at it, or was killed within the last 15 s: try again soon")
    _show(actions, found, as_json=as_json)
    if found.state is not State.DONE or found.failed:
        raise typer.Exit(FAILED)


def _show(actions: Actions, found: Action, *, as_json: bool) -> None:
    if as_json:
        say_json(view.record(found))
        return
    say(view.line(found))
    for item in actions.failed(found.id):
        say(view.failure(item))


@contextlib.contextmanager
def _actions(environ: Mapping[str, str]) -> Iterator[Actions]:
    """Ends the command with one sentence where the broker or the database fails."""
    try:
        with Actions(_site(environ)) as actions:
            yield actions
    except IntakeError as error:
        complain(error)
        raise typer.Exit(FAILED) from None


def _site(environ: Mapping[str, str]) -> Site:
    found = settings_or_exit(Settings, environ)
    return Site(found.amqp_urls, found.database_url.get_secret_value(), found.retry_delays_s)


def _letters(message_ids: list[str] | None, stage: Stage | None, reason: str | None) -> dict[str, Any]:
    given = {"ids": message_ids, "stage": stage and str(stage), "reason": reason}
    return {name: value for name, value in given.items() if value}


def _person() -> Person:
    """Who is logged in here."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "somebody"
    return Person(name, Through.COMMAND_LINE)
