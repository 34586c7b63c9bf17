"""`broker users`: arguments and exit codes."""

from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from console.broker import view
from console.broker.listed import passwords_or_exit, say_roles
from console.connect.broker import broker_urls
from console.settings import USAGE
from console.terminal.printing import complain, say_json
from shared.amqp.operator.definitions import definitions as definitions_of
from shared.amqp.operator.roles import DEVELOPER, EVERYTHING, developer, roles

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def broker() -> None:
    """The broker's users: one for each role, with no more rights than it needs.

    \b
    Example:
      intake broker users

    Exit codes: 0 done, 1 it could not be done, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines


@app.command()
def users(
    context: typer.Context,
    *,
    definitions: Annotated[
        bool, typer.Option("--definitions", help="Print RabbitMQ's definitions of them; needs --secrets.")
    ] = False,
    secrets: Annotated[
        Path | None,
        typer.Option(help="The folder of their passwords, a file for each role; what is missing is made."),
    ] = None,
    developers: Annotated[
        list[str] | None,
        typer.Option("--developer", help="Also a user for queues dev.NAME.* of a developer's own. Repeatable."),
    ] = None,
    hears: Annotated[
        list[str] | None,
        typer.Option(help="The binding keys that developers may use; without it, all. Repeatable."),
    ] = None,
    vhost: Annotated[str | None, typer.Option(help="The virtual host; without it, that of AMQP_URL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Print each role, and what its user may do on the broker.

    With --definitions it prints what `rabbitmqctl import_definitions` and the management API take: users with
    hashes of their passwords, and their permissions. Importing it again is safe. To give a user another password,
    remove its file, and import again. This command connects to nothing.

    \b
    Examples:
      intake broker users
      intake broker users --definitions --secrets secrets/broker > users.json
      intake broker users --developer anna --hears 'invoice.#'

    Exit codes: 0 done, 1 a file could not be read or written, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    known = (*roles(), *(developer(_named(name), hears or (EVERYTHING,)) for name in developers or ()))
    if definitions:
        if secrets is None:
            complain("--definitions needs --secrets FOLDER, for the passwords")
            raise typer.Exit(USAGE)
        say_json(
            definitions_of(
                known, passwords_or_exit(secrets, [role.name for role in known]), vhost or _vhost(context)
            )
        )
    else:
        say_roles(known, view.lines, view.record, as_json=as_json)


def _named(name: str) -> str:
    if not DEVELOPER.fullmatch(name):
        complain(f"--developer {name}: a name has small letters, digits, _ and -, 40 at most")
        raise typer.Exit(USAGE)
    return name


def _vhost(context: typer.Context) -> str:
    return unquote(urlsplit(broker_urls(context.obj)[0]).path[1:]) or "/"
