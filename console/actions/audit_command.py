"""`audit`: who did what. Wires and prints."""

import contextlib
from typing import Annotated

import typer

from console.actions import view
from console.settings import FAILED, settings_or_exit
from console.terminal.printing import complain, say, say_json
from shared.errors import IntakeError
from shared.process.settings import LedgerDatabase
from shared.store.audit.store import AuditStore


def command(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, the latest.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """List what people did, the latest first: when, who and through what, what, to which, and what came of it.

    A row is written before what it tells of is done, so one without a result was begun and has not ended. The
    database is found by DATABASE_URL. Exit codes: 0 done, 1 the database failed, 2 wrong usage or settings.

    \b
    Example:
      intake audit --json | jq '.[] | select(.verb == "retry")'
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings = settings_or_exit(LedgerDatabase, context.obj)
    try:
        with contextlib.closing(AuditStore(settings.database_url.get_secret_value())) as audit:
            found = audit.latest(limit)
    except IntakeError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    if as_json:
        say_json(list(map(view.entry_record, found)))
    else:
        say("\n".join(map(view.entry_line, found)) or "Nobody has done anything.")
