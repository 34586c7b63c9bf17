"""`database roles`: arguments and exit codes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from console.broker.listed import passwords_or_exit, say_roles
from console.database import view
from console.settings import FAILED, USAGE, settings_or_exit
from console.terminal.printing import complain, say_file
from shared.errors import IntakeError, PermanentError
from shared.process.settings import Database
from shared.store import grants
from shared.store.roles import ROLES

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def database() -> None:
    """The database's roles: one for each process, with no more rights than it needs.

    \b
    Example:
      intake database roles

    Exit codes: 0 done, 1 it could not be done, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines


@app.command()
def roles(
    context: typer.Context,
    *,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL that makes them, for psql.")] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Make them in the database of DATABASE_URL, with its user's rights.")
    ] = False,
    secrets: Annotated[
        Path | None,
        typer.Option(help="The folder of their passwords, a file for each role; what is missing is made."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Print each role of the database, and what it may do with which table.

    With --sql it prints the SQL that makes them in PostgreSQL, with --apply it does that itself. Both need a user
    that may make roles and owns the tables, or a superuser. They make `intake-topology` the owner of all tables,
    give the others their rights, and take back what the table here does not name. Repeating is safe. Without
    --secrets the roles keep the passwords that they have, and new ones have none. The SQL holds no password, only
    what PostgreSQL keeps of one. SQLite has no roles.

    After an upgrade `intake topology` gives the roles their rights on new tables.

    \b
    Examples:
      intake database roles
      intake database roles --apply --secrets secrets/database
      intake database roles --sql --secrets secrets/database > roles.sql

    Without --apply this command connects to nothing.
    Exit codes: 0 done, 1 a file or the database could not be used or refused it, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    if sql and apply:
        complain("either --sql or --apply")
        raise typer.Exit(USAGE)
    if secrets is not None and not (sql or apply):
        complain("--secrets needs --sql or --apply")
        raise typer.Exit(USAGE)
    if sql:
        say_file(_script(_passwords(secrets)))
        return
    if apply:
        _apply(settings_or_exit(Database, context.obj), _passwords(secrets))
    say_roles(ROLES, view.lines, view.record, as_json=as_json)


def _passwords(folder: Path | None) -> Mapping[str, str]:
    return {} if folder is None else passwords_or_exit(folder, ROLES)


def _script(passwords: Mapping[str, str]) -> str:
    try:
        return grants.script(passwords)
    except PermanentError as error:
        complain(error)
        raise typer.Exit(FAILED) from None


def _apply(settings: Database, passwords: Mapping[str, str]) -> None:
    try:
        grants.apply(settings.database_url.get_secret_value(), passwords)
    except IntakeError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
