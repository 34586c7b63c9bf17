"""`notifications`: what waits to be told, sending it now, and a message that tries a channel out. Wires, prints."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Annotated

import typer

from console.actions.doing import do
from console.actions.on_record import on_record
from console.actions.outbox import SHORTEST
from console.history.dates import zone_name
from console.notifications import trial, view
from console.notifications.past import past_invoice
from console.settings import FAILED, USAGE, settings_or_exit
from console.terminal.printing import complain, say, say_json
from console.terminal.progress import Waiting
from shared.errors import IntakeError
from shared.process.live_rules import rules_now
from shared.process.logs import configure_logs
from shared.process.settings import LedgerDatabase
from shared.rules.file import RulesError
from shared.store.history.tables import Database
from shared.store.outbox.outbox import Outbox

MOST = 10_000

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="For a program.")]
Limit = Annotated[int, typer.Option(min=1, max=MOST, help="At most so many.")]


@app.callback()
def notifications(context: typer.Context, *, limit: Limit = 200, as_json: Json = False) -> None:
    """What waits to be told, when it goes and to whom; and a message that tries a channel out.

    Where rules, recipients or MESSAGE_DIGEST and MESSAGE_HOURS say so, what is filed waits for its hour, and is
    told in one message. What is told at once never waits here. The database is found by DATABASE_URL.

    \b
    Examples:
      intake notifications
      intake notifications show 5f0c8a52
      intake notifications send 5f0c8a52
      intake notifications test manager@example.com

    Exit codes: 0 done, 1 the database failed, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    if context.invoked_subcommand is not None:
        return
    with _outbox(context) as outbox:
        found = outbox.waiting(limit)
    if as_json:
        say_json(list(map(view.record, found)))
        return
    now = time.time()
    say("\n".join(view.lines(found, now)) or "Nothing waits to be told.")
    if found:
        say(f"times are {zone_name(now)}", err=True)


@app.command()
def show(
    context: typer.Context,
    message: Annotated[str, typer.Argument(metavar="ID", help="As `intake notifications` prints it.")],
    *,
    limit: Limit = 500,
    as_json: Json = False,
) -> None:
    """List the invoices that a waiting message will name, the oldest first.

    Exit codes: 0 done, 1 no such message waits, or the database failed, 2 wrong usage or settings.

    \b
    Example:
      intake notifications show 5f0c8a52
    """  # noqa: D301 # as above
    with _outbox(context) as outbox:
        fits = [each for each in outbox.waiting(MOST) if len(message) >= SHORTEST and each.id.startswith(message)]
        if len(fits) != 1:
            complain(f"{'several messages' if fits else 'no message that waits'} with the id {message!r}")
            raise typer.Exit(FAILED)
        [waiting] = fits
        items = outbox.items(waiting.id, limit)
    if as_json:
        say_json(view.record(waiting) | {"invoices": list(map(view.item_record, items))})
        return
    now = time.time()
    say("\n".join([*view.lines(fits, now), *(f"  {line}" for line in view.item_lines(items, now))]))
    if len(items) < waiting.count:
        say(f"and {waiting.count - len(items)} more", err=True)


@app.command()
def send(
    context: typer.Context,
    messages: Annotated[list[str], typer.Argument(metavar="ID", help="As `intake notifications` prints it.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Send a message that waits now. What it names is told once, and not again at its hour.

    It stands on the audit. Exit codes: 0 done, 1 no such message waits, or the database failed, 2 wrong usage or
    settings.

    \b
    Example:
      intake notifications send 5f0c8a52
    """  # noqa: D301 # as above
    do(context.obj, "send now", {"ids": messages}, yes=yes, as_json=as_json)


@app.command("test")
def send_test(
    context: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="E-MAIL|URL", help="Who gets it: an address or an Apprise URL.")
    ],
    *,
    upload: Annotated[
        str | None, typer.Option(metavar="ID", help="Of the filed invoice; without it, the newest.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Send the message about a real past invoice to an address, marked as a test, and say what was answered.

    It goes the notifier's way: by SMTP_URL and MAIL_FROM, in the language of the rule and the recipient, with your
    own templates if TEMPLATES_DIR is set. Nobody else is told, and nothing is filed. It stands on the audit without
    the URL, which is a secret. Exit codes: 0 it was accepted, 1 it was not, no invoice was filed yet, or the
    database failed, 2 wrong usage or settings.

    \b
    Examples:
      intake notifications test manager@example.com
      intake notifications test slack://TokenA/TokenB/TokenC --upload 5f0c8a52
    """  # noqa: D301 # as above
    settings = settings_or_exit(trial.Settings, context.obj)
    configure_logs("notifications", level="error", log_format=None, stream=sys.stderr)
    try:
        with (
            trial.channel_to(trial.address_of(address), settings) as channel,
            contextlib.closing(Database(settings.database_url.get_secret_value())) as database,
        ):
            past, rules = past_invoice(database, upload), rules_now(settings)
            asked, told = {"upload": past.upload.correlation_id}, list[trial.Answer]()
            with (
                Waiting(f"telling {channel.name}"),
                on_record(context.obj, "test message", channel.name, asked, lambda: _result(told)),
            ):
                told.append(trial.tell(channel, past, rules, settings))
    except (ValueError, RulesError) as error:
        complain(error)
        raise typer.Exit(USAGE) from None
    except IntakeError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    [answer] = told
    if as_json:
        say_json(view.answer_record(answer))
    else:
        say("\n".join(view.answer_lines(answer)))
    if answer.fault:
        raise typer.Exit(FAILED)


def _result(told: list[trial.Answer]) -> str:
    if not told:
        return "not known"
    return f"failed: {told[0].fault}" if told[0].fault else "done"


@contextlib.contextmanager
def _outbox(context: typer.Context) -> Iterator[Outbox]:
    """Ends the command with one sentence where the database fails."""
    url = settings_or_exit(LedgerDatabase, context.obj).database_url.get_secret_value()
    try:
        with contextlib.closing(Outbox(url)) as outbox:
            yield outbox
    except IntakeError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
