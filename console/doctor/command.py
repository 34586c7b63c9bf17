"""`doctor`: the list of what is well and what is not, for a person or a program."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from console.doctor.checks import CHECKS, Check
from console.doctor.line import Level, Line
from console.doctor.run import run
from console.doctor.security import CHECKS as CHECKS_OF_SECURITY
from console.doctor.settings import AREA as SETTINGS
from console.settings import FAILED, USAGE
from console.terminal.printing import Paint, Piece, say, say_json
from console.terminal.progress import Waiting
from shared.text.outside import cell

UNKNOWN = "?"
"""Of what could not be looked at, though nothing is wrong."""
COLOURS: dict[str, str] = {Level.OK: "green", Level.WARNING: "yellow", Level.FAILED: "red"}


def command(
    context: typer.Context,
    *,
    security: Annotated[
        bool, typer.Option("--security", help="Instead: what an auditor asks, and what to mend.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Check everything between the portal and the mailbox.

    Settings, broker, ledger, portal, rooms, webhook, ingress, sweep, workers, mail: each line is ok, warning or
    failed, with the mend below. It reads the same variables as the workers, and WEBHOOK_URL: the address that the
    portal calls. It changes nothing; one event that the classifier skips (intake.probe) tells whether the ingress
    has our secret.

    With --security it asks something else: passwords that everybody knows, the rights of our own users, ways
    without TLS, unsigned webhooks, files that others can open. It looks from where it runs, and says what it cannot
    see.

    \b
    Examples:
      intake doctor
      intake doctor --json | jq -r '.lines[] | select(.level == "failed") | .text'
      docker compose run --rm console doctor
      docker compose run --rm console doctor --security

    Exit codes: 0 nothing failed (warnings do not count), 1 something failed, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    found = examine(context.obj, CHECKS_OF_SECURITY if security else CHECKS)
    if as_json:
        say_json(report(found))
    else:
        tell(found)
    raise typer.Exit(exit_code(found))


def examine(environ: Mapping[str, str], checks: Mapping[str, Check] = CHECKS) -> list[Line]:
    """All lines, in the order of the checks."""
    with Waiting() as waiting:

        def say(names: list[str]) -> None:
            waiting(f"waiting for {', '.join(names)}")

        return [line for area in run(environ, waiting=say, names=tuple(checks), checks=checks) for line in area]


def report(found: list[Line]) -> dict[str, Any]:
    return {"ok": exit_code(found) == 0, "lines": [asdict(line) for line in found]}


def tell(found: list[Line]) -> None:
    for line in found:
        say(*shown(line))
    counts = {level: sum(line.level is level for line in found) for level in Level}
    say(", ".join(f"{count} {level}" for level, count in counts.items()), err=True)


def shown(line: Line) -> tuple[Piece, ...]:
    mend = f"\n{'':<18} mend: {cell(line.mend)}" if line.mend else ""
    level = UNKNOWN if line.unseen and line.level is Level.OK else line.level
    return Paint(f"{level:<8}", COLOURS.get(level, "yellow")), f" {line.area:<9} {cell(line.text)}{mend}"


def exit_code(found: list[Line]) -> int:
    failed = {line.area for line in found if line.level is Level.FAILED}
    if SETTINGS.name in failed:
        return USAGE
    return FAILED if failed else 0
