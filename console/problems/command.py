"""`problems`: what needs a person, by cause. Wires and prints."""

from typing import Annotated

import typer

from console.problems.gather import gather
from console.problems.sentence import as_json as told_as_json
from console.problems.sentence import headline, lines
from console.settings import FAILED
from console.terminal.printing import say, say_json
from console.terminal.progress import Waiting


def command(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Say what needs a person, each thing once and by its cause, and what to do.

    It makes the checks of doctor that send no event and write nothing. What is wrong only because of something else
    stands below that: a portal that is down hides what waits for it. A ? could not be looked at, and why stands
    beside.

    \b
    Examples:
      intake problems
      intake problems --json | jq -r '.problems[].cause'

    Exit codes: 0 nothing needs a person, 1 something does, 2 wrong usage.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    with Waiting() as waiting:
        found = gather(context.obj, waiting=lambda names: waiting(f"waiting for {', '.join(names)}"))
    if as_json:
        say_json(told_as_json(found))
    else:
        say("\n".join([headline(found), *lines(found)]))
    if found.problems:
        raise typer.Exit(FAILED)
