"""`action …`: what was asked for so far, and how it goes on. What can be asked for is in `wishes`."""

from typing import Annotated

import typer

from console.actions import view, wishes
from console.actions.doing import go_on_with, opened, person, site_of
from console.settings import FAILED
from console.terminal.printing import complain, say, say_json
from shared.store.actions.action import State

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

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


app.add_typer(wishes.app)


@app.command()
def kept(context: typer.Context, *, limit: int = 100, as_json: Json = False) -> None:
    """List what was put away and not taken back, the newest first.

    Exit codes: 0 done, 1 the database failed, 2 wrong usage or settings.

    \b
    Example:
      intake action kept --json | jq -r '.[].id'
    """  # noqa: D301 # as above
    with opened(context.obj) as actions:
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
    with opened(context.obj) as actions:
        found = actions.latest(limit)
    if as_json:
        say_json(list(map(view.record, found)))
    else:
        say("\n".join(map(view.line, found)) or "Nobody has asked for anything.")


@app.command()
def stop(context: typer.Context, action_id: ActionId, *, as_json: Json = False) -> None:
    """Stop an action, from wherever it runs. What is in hand is finished.

    Exit codes: 0 stopped, 1 it was not running or the database failed, 2 wrong usage or settings.

    \b
    Example:
      intake action stop 5f0c8a526a4e5d0b9c652f1d3c0f7a11
    """  # noqa: D301 # as above
    with opened(context.obj) as actions:
        if not actions.stop(action_id, person()):
            complain("it does not run: see `intake action list`")
            raise typer.Exit(FAILED)
        found = actions.state(action_id)
    if as_json and found is not None:
        say_json(view.record(found))


@app.command()
def resume(context: typer.Context, action_id: ActionId, *, as_json: Json = False) -> None:
    """Go on with an action that was stopped, or whose process was killed.

    Exit codes: 0 done, 1 not all was done, another process is at it, or the database failed, 2 wrong usage.

    \b
    Example:
      intake action resume 5f0c8a526a4e5d0b9c652f1d3c0f7a11
    """  # noqa: D301 # as above
    site = site_of(context.obj)
    with opened(context.obj) as actions:
        found = actions.state(action_id)
        if found is not None and found.state is State.STOPPED:
            actions.resume(action_id, person())
        go_on_with(site, actions, action_id, as_json=as_json)
