"""The operator's command line: `python -m console COMMAND`, or `intake COMMAND`. Wires the commands, no more."""

import os
from typing import Annotated

import typer

from console import events
from console.actions import audit_command as audit
from console.actions import command as actions
from console.dead import command
from console.doctor import command as doctor
from console.explain import command as explain
from console.history import ask, keep
from console.portal_check import command as portal
from console.problems import command as problems
from console.reconcile import command as reconcile
from console.rules import command as rules
from console.settings import USAGE, environment
from console.setup import command as setup
from console.status import command as status
from console.tail import command as tail
from console.terminal.printing import complain, say
from console.web import command as web
from console.webhook import command as webhook
from shared import VERSION

app = typer.Typer(
    name="intake",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(rules.app, name="rules")
app.add_typer(events.app, name="events")
app.add_typer(command.app, name="dead")
app.add_typer(actions.app, name="action")
app.add_typer(webhook.app, name="webhook")
app.add_typer(portal.app, name="portal")
app.add_typer(web.app, name="web")
app.command("setup")(setup.command)
app.command("audit")(audit.command)
app.command("doctor")(doctor.command)
app.command("explain")(explain.command)
app.command("problems")(problems.command)
app.command("reconcile")(reconcile.command)
app.command("status")(status.command)
app.command("tail")(tail.command)
app.command("history")(keep.history)
app.command("find")(ask.find)
app.command("timeline")(ask.timeline)
app.command("list")(ask.list_)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"intake {VERSION}")
        raise typer.Exit


@app.callback()
def intake(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001 - its callback ends the command
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Look after the invoice intake.

    \b
    Examples:
      intake setup
      intake doctor
      intake find "Invoice 4711"
      intake list --state failed --since 1d
      intake explain --file-id 748301
      intake dead list
      intake webhook rotate
      intake portal check

    Settings come from the environment, as the workers' do, and else from the .env of this folder (or the file
    that INTAKE_ENV_FILE names); --json on any command is for programs. Exit codes: 0 done, 1 it could not be done,
    or something failed, 2 wrong usage or settings. Completion for your shell: intake --install-completion.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    if context.invoked_subcommand == "setup":  # it reads and writes that file itself
        context.obj = os.environ
        return
    try:
        context.obj = environment(os.environ)
    except (OSError, UnicodeDecodeError) as error:
        complain(f"the settings file cannot be read: {error}")
        raise typer.Exit(USAGE) from None


def main() -> None:
    app(prog_name="intake")


if __name__ == "__main__":
    main()
