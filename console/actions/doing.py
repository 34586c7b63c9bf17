"""Does an action in the foreground, for a person at a terminal: says what will happen, asks, shows the result."""

import contextlib
import getpass
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from console.actions import view
from console.actions.ask import Actions, Plan
from console.actions.run import run
from console.actions.site import Settings, Site
from console.settings import FAILED, settings_or_exit
from console.terminal.printing import agreed, complain, say, say_json
from console.terminal.progress import Waiting
from shared.errors import IntakeError
from shared.store.actions.action import Action, State
from shared.store.audit.store import Person, Through


def do(environ: Mapping[str, str], verb: str, filter_: dict[str, Any], *, yes: bool, as_json: bool) -> None:
    if as_json and not yes:
        raise typer.BadParameter("--json does not ask: add --yes")
    site = site_of(environ)
    with opened(environ) as actions:
        with Waiting("counting"):
            plan = actions.prepare(verb, filter_)
        if not plan.count:
            complain("nothing fits")
            raise typer.Exit(FAILED)
        _ask(plan, yes=yes)
        go_on_with(site, actions, actions.start(plan, person()), as_json=as_json)


def _ask(plan: Plan, *, yes: bool) -> None:
    say(f"{plan.will}.\n{plan.not_twice[:1].upper()}{plan.not_twice[1:]}.", err=True)
    if not yes:
        agreed("Go on?", abort=True)


def go_on_with(site: Site, actions: Actions, action_id: str, *, as_json: bool) -> None:
    """In the foreground. Ctrl-C stops it: else another process would go on with it."""
    say(f"action {action_id}", err=True)
    try:
        with Waiting("at work"):
            mine = run(site, action_id)
    except KeyboardInterrupt:
        actions.stop(action_id, person())
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
def opened(environ: Mapping[str, str]) -> Iterator[Actions]:
    """Ends the command with one sentence where the broker or the database fails."""
    try:
        with Actions(site_of(environ)) as actions:
            yield actions
    except IntakeError as error:
        complain(error)
        raise typer.Exit(FAILED) from None


def site_of(environ: Mapping[str, str]) -> Site:
    return Site.from_settings(settings_or_exit(Settings, environ))


def person() -> Person:
    """Who is logged in here."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "somebody"
    return Person(name, Through.COMMAND_LINE)
