"""`problems`: what needs a person, by cause, and what is done about it. Wires and prints."""

import sys
import time
from typing import Annotated

import typer

from console.actions.doing import do
from console.operator import trial
from console.operator.channels import Settings as Operators
from console.problems.gather import gather
from console.problems.sentence import as_json as told_as_json
from console.problems.sentence import headline, lines
from console.problems.until import moment_to_come
from console.settings import FAILED, USAGE, settings_or_exit
from console.terminal.printing import complain, say, say_json
from console.terminal.progress import Waiting
from shared.process.logs import configure_logs

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="For a program.")]
Cause = Annotated[str, typer.Argument(metavar="CAUSE", help="As `intake problems` and the messages say it.")]


@app.callback()
def problems(context: typer.Context, *, as_json: Json = False) -> None:
    """Say what needs a person, each thing once and by its cause, and what to do.

    It makes the checks of doctor that send no event and write nothing. What is wrong only because of something else
    stands below that: a portal that is down hides what waits for it. A ? could not be looked at, and why stands
    beside. The reconciler makes such checks too, and tells OPERATOR.

    \b
    Examples:
      intake problems
      intake problems --json | jq -r '.problems[].cause'
      intake problems acknowledge portal:key-expires

    Exit codes: 0 nothing needs a person, 1 something does, 2 wrong usage.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    if context.invoked_subcommand is not None:
        return
    with Waiting() as waiting:
        found = gather(context.obj, waiting=lambda names: waiting(f"waiting for {', '.join(names)}"))
    if as_json:
        say_json(told_as_json(found))
    else:
        say("\n".join([headline(found), *lines(found)]))
    if found.problems:
        raise typer.Exit(FAILED)


@app.command()
def acknowledge(context: typer.Context, cause: Cause, *, as_json: Json = False) -> None:
    """Say that you look after a problem of which operators were told: nobody else is told of it.

    Exit codes: 0 done, 1 it is over, somebody did before, or the database failed, 2 wrong usage or settings.

    \b
    Example:
      intake problems acknowledge portal:key-expires
    """  # noqa: D301 # as above
    do(context.obj, "acknowledge", {"cause": cause}, yes=True, as_json=as_json)


@app.command()
def silence(
    context: typer.Context,
    cause: Cause,
    *,
    until: Annotated[str, typer.Option(metavar="WHEN", help="2h, 18:00, 'tomorrow 08:00', friday, 2026-12-01.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Stands on the audit.")],
    as_json: Json = False,
) -> None:
    """Have nobody told of a problem until then, whether it is there now or not.

    Again, with another time, changes it. Who was told of it before is told when it is over. Exit codes: 0 done, 1
    the database failed, 2 wrong usage or settings.

    \b
    Example:
      intake problems silence portal:portal-unreachable --until 18:00 --reason "the portal is being upgraded"
    """  # noqa: D301 # as above
    try:
        at = moment_to_come(until, time.time())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    do(context.obj, "silence", {"cause": cause, "until": at, "why": reason}, yes=True, as_json=as_json)


@app.command("test-message")
def send_test(context: typer.Context, *, as_json: Json = False) -> None:
    """Send a message to each address of OPERATOR, and say what each answered.

    Exit codes: 0 each took it, 1 one did not, 2 wrong usage or settings, or OPERATOR is not set.

    \b
    Example:
      intake problems test-message
    """  # noqa: D301 # as above
    settings = settings_or_exit(Operators, context.obj)
    configure_logs("problems", level="error", log_format=None, stream=sys.stderr)
    if not settings.operators:
        complain("OPERATOR is not set: nobody is told of problems")
        raise typer.Exit(USAGE)
    with Waiting("telling each"):
        answers = trial.tell(settings)
    if as_json:
        say_json([trial.record(answer) for answer in answers])
    else:
        say("\n".join(map(trial.line, answers)))
    if any(answer.fault for answer in answers):
        raise typer.Exit(FAILED)
