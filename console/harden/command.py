"""`harden`: arguments and exit codes."""

from pathlib import Path
from typing import Annotated

import typer

from console.harden.access import NAME, NAMES
from console.harden.run import WentBackError, harden
from console.settings import FAILED, USAGE
from console.setup.stack import UP, Stack, StackError
from console.terminal.printing import complain, say, say_json
from shared.errors import PermanentError

EVERY = "all"


def command(
    *,
    env_file: Annotated[Path, typer.Option("--env-file", metavar="PATH", help="What to write.")] = Path(".env"),
    new_password: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|all", help="Another password for this service, or postgres's superuser; may be repeated."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Give each service a user and a password of its own, on broker and database.

    For the stack of docker-compose.yml, new or at work. It makes the passwords (a folder `secrets` beside .env,
    which your user alone can open), says so in .env, starts each service as its own user, sees the doctor, and
    takes the users that everybody knows away: RabbitMQ's guest, and the old password of the database. No message
    and no row is touched. If the doctor then finds what it had not found before, everything is as it was, and the
    exit code is 1.

    Repeating is safe, also after it was killed midway: it goes on from there. After an upgrade it makes what a new
    service needs. With --new-password a service, or all, get another password: broker and database are told, then
    the services are restarted. Nothing is lost meanwhile.

    \b
    Examples:
      intake harden
      intake harden --env-file /srv/intake/.env
      intake harden --new-password mover
      intake harden --new-password all

    Exit codes: 0 done, 1 it could not be done, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    renewed = set(NAMES) if new_password and EVERY in new_password else set(new_password or ())
    if unknown := renewed - set(NAMES):
        complain(f"--new-password {min(unknown)}: it is {', '.join(NAMES)} or {EVERY}")
        raise typer.Exit(USAGE)
    stack = Stack(env_file)
    if not env_file.is_file() or not (env_file.resolve().parent / "docker-compose.yml").is_file():
        complain(f"there is no {env_file} with docker-compose.yml beside it: `intake setup` makes it")
        raise typer.Exit(USAGE)
    if not stack.is_there:
        complain("docker is not there to ask what runs")
        raise typer.Exit(FAILED)
    try:
        runs = harden(env_file, stack, lambda text: say(text, err=as_json), renewed)
    except WentBackError as error:
        complain(f"{error}; all is as it was before")
        raise typer.Exit(FAILED) from None
    except (StackError, OSError, UnicodeDecodeError, PermanentError) as error:
        complain(f"{error}; mend it, and run this again")
        raise typer.Exit(FAILED) from None
    if as_json:
        say_json({"secrets": str(env_file.resolve().parent / NAME), "runs": runs})
        return
    say("done: each service comes to broker and database as its own user" if runs else f"to start it so: {UP}")
