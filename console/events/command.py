"""`events`: the contract with whoever binds a queue of their own, and a queue to bind."""

import shlex
from collections.abc import Iterator
from importlib.resources import files
from typing import Annotated

import typer

from console.connect.management import Management, NotToldError
from console.events import asyncapi as contract
from console.events.consumer import Consumer, make
from console.events.messages import OWN
from console.events.removal import Owned, owned, remove
from console.events.schema import document
from console.settings import FAILED, USAGE, Pages, settings_or_exit
from console.terminal.printing import agreed, complain, say, say_file, say_json
from shared.amqp.operator.roles import DEVELOPER
from shared.errors import TransientError
from shared.process.settings import Process

CODE = "consumer_code.txt"
"""The program that is printed: examples/python-consumer is the same."""


class Settings(Pages, Process):
    pass


app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def events() -> None:
    """The events that the workers publish.

    \b
    Examples:
      intake events asyncapi
      intake events schema
      intake events consumer erp

    Exit codes: 0 done, 1 the broker does not do it, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines


@app.command()
def schema() -> None:
    """Print the JSON Schema of every event; `x-routing-key` is where it is published.

    \b
    Example:
      intake events schema > schema.json

    It is JSON without --json. Exit codes: 0 done, 2 wrong usage.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    say_json(document())


@app.command()
def asyncapi() -> None:
    """Print the contract as an AsyncAPI 3.0 document.

    Exchanges, routing keys, queues, bodies, headers, examples, and what is promised of the delivery. Tools make
    pages and code of it: https://www.asyncapi.com/tools

    \b
    Example:
      intake events asyncapi > asyncapi.json

    It is JSON without --json. Exit codes: 0 done, 2 wrong usage.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    say_json(contract.document())


@app.command()
def consumer(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Of the program that is to have a queue: erp, archive-2.")],
    *,
    events: Annotated[
        str, typer.Option(metavar="KEYS", help="What the queue is bound to: invoice.filed,event.skipped.")
    ] = "invoice.filed",
    only_print: Annotated[
        bool, typer.Option("--print", help="Ask nothing of the broker; print what its administrator types.")
    ] = False,
    new_password: Annotated[bool, typer.Option("--new-password", help="Also if the user is there.")] = False,
    removes: Annotated[
        bool, typer.Option("--remove", help="Delete its user and its queues instead, with all that they hold.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --remove: do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Make a queue of your own with a broker user of its own, and print a program that takes from it.

    The user `dev.NAME` may use what begins with `dev.NAME.` and bind it by the keys that you name, nothing else.
    The queue `dev.NAME.invoices` keeps every event from now on. Repeating is safe: the password stays, and the
    queue is bound to what you name now. The password is shown once.

    \b
    Examples:
      intake events consumer erp > consumer.py
      intake events consumer archive --events "invoice.*,event.skipped"
      intake events consumer erp --print
      intake events consumer erp --remove

    --remove deletes the user, and every queue that begins with `dev.NAME.`. It says first how many messages these
    hold, which are lost, and asks. If it stops midway, call it again.

    It asks the management API (MANAGEMENT_URL) as the user of AMQP_URL, who must be an administrator there. Exit
    codes: 0 done, 1 the management API or the broker does not do it, or there is nothing to remove, 2 wrong usage
    or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    wanted = Consumer(name, tuple(dict.fromkeys(filter(None, map(str.strip, events.split(","))))))
    if fault := _fault(wanted):
        complain(fault)
        raise typer.Exit(USAGE)
    settings = settings_or_exit(Settings, context.obj)
    if removes:
        if only_print or new_password:
            complain("--remove goes with neither --print nor --new-password")
            raise typer.Exit(USAGE)
        if as_json and not yes:
            raise typer.BadParameter("--json does not ask: add --yes")
        _remove(wanted, Management(settings.amqp_urls, settings.management_url), yes=yes, as_json=as_json)
        return
    urls, code = settings.amqp_urls, files(__package__).joinpath(CODE).read_text(encoding="utf-8")
    password = None
    if not only_print:
        try:
            password = make(wanted, Management(urls, settings.management_url), urls, new_password=new_password)
        except (NotToldError, TransientError) as error:
            complain(f"{error}\n`--print` says how to do it by hand; a user that is there gets a --new-password")
            raise typer.Exit(FAILED) from None
    url = wanted.url(urls[0], password or "PASSWORD")
    commands = wanted.by_hand(urls[0]) if only_print else []
    if as_json:
        facts = {"user": wanted.user, "password": password, "queue": wanted.queue, "events": list(wanted.events)}
        say_json({**facts, "url": url, "commands": commands, "code": code})
        return
    for line in commands or [f"{wanted.queue} is bound to {', '.join(wanted.events)}; {wanted.user} may read it"]:
        say(line, err=True)
    if password is None and not only_print:
        say("its password is as before", err=True)
    variables = [f"AMQP_URL={url}", f"QUEUE={wanted.queue}", f"EVENTS={','.join(wanted.events)}"]
    say(shlex.join(["export", *variables]), err=True)
    say_file(code)


def _remove(wanted: Consumer, management: Management, *, yes: bool, as_json: bool) -> None:
    try:
        there = owned(wanted, management)
        if there.nothing:
            complain(f"the broker has no user {wanted.user}, and no queue that begins with {wanted.user}.")
            raise typer.Exit(FAILED)
        if not as_json:
            for line in _lost(wanted, there):
                say(line, err=True)
        if not yes:
            agreed("Remove them?", abort=True)
        remove(wanted, there, management)
    except NotToldError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    if as_json:
        say_json({"user": wanted.user if there.user else None, "queues": dict(there.queues)})
    else:
        say(f"Removed: {wanted.user}", err=True)


def _lost(wanted: Consumer, there: Owned) -> Iterator[str]:
    if there.user:
        yield f"user {wanted.user}: its programs are cut off"
    for name, count in there.queues:
        yield f"queue {name}: {count} message{'' if count == 1 else 's'} in it, lost"


def _fault(wanted: Consumer) -> str | None:
    if not DEVELOPER.fullmatch(wanted.name):
        return f"{wanted.name}: a name has small letters, digits, _ and -, 40 at most"
    unknown = [key for key in wanted.events if not contract.is_published(key)]
    if unknown or not wanted.events:
        known = ", ".join(OWN)
        return f"{', '.join(unknown) or 'nothing'}: no event is called so. There are {known}, webhook.#"
    return None
