"""`setup`: the command line of it. What it asks and does is in the steps beside it."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from console.settings import FAILED
from console.setup.given import Given, known_now
from console.setup.person import Person
from console.setup.run import Report, run
from console.terminal.printing import complain, say, say_json
from shared.errors import IntakeError
from shared.process.settings import SettingsError
from shared.rules.titles import NAMED


def command(  # noqa: PLR0917 - one parameter for each option
    context: typer.Context,
    portal: Annotated[str | None, typer.Option(metavar="URL", help="The portal's address.")] = None,
    api_key_file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Holds the API key; or set DOCSPACE_API_KEY.")
    ] = None,
    room: Annotated[
        str | None, typer.Option(metavar="NAME|ID", help="The client's room, by its whole name or its id.")
    ] = None,
    incoming: Annotated[
        str | None, typer.Option(metavar="ROOM/FOLDER|ID", help="Where invoices go, by names or by id.")
    ] = None,
    create_incoming: Annotated[bool, typer.Option("--create-incoming", help="Make that folder if needed.")] = False,
    recipient: Annotated[
        list[str] | None, typer.Option(metavar="EMAIL", help="Who is told; may be repeated.")
    ] = None,
    title: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help=f"What titles begin with (invoice), or {NAMED}; may be repeated."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The rule's name (the room's).")] = None,
    add_rule: Annotated[bool, typer.Option("--add-rule", help="Ask for one more client.")] = False,
    smtp_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The mail server; with a password rather in SMTP_URL.")
    ] = None,
    mail_from: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="The sender (invoices@ and the recipient's domain).")
    ] = None,
    operator: Annotated[
        str | None,
        typer.Option(metavar="EMAILS", help="Who is told when something is wrong; a URL rather in OPERATOR."),
    ] = None,
    no_mail_check: Annotated[bool, typer.Option("--no-mail-check", help="Do not try the mail server.")] = False,
    webhook_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The ingress as the portal sees it: https://your.host/…")
    ] = None,
    no_webhook: Annotated[bool, typer.Option("--no-webhook", help="Do not register the webhook.")] = False,
    start: Annotated[
        bool | None,
        typer.Option("--start/--no-start", help="Start it with Docker Compose; on a terminal it is asked."),
    ] = None,
    wait: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, help="How long to wait for the ingress, and for all to be well."),
    ] = None,
    env_file: Annotated[Path, typer.Option(metavar="PATH", help="What to write.")] = Path(".env"),
    rules_file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="What to write (rules.toml beside .env).")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before something is changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check it all, and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """From a portal and an API key to a running intake.

    It asks for the portal and the key, the client's room and the folder for invoices by their names, who is told,
    the mail server, who is told when something is wrong, and the address that the portal calls; checks each at
    once, with the rights; writes .env (mode 600) and the rules; registers the webhook when the ingress is there;
    and ends with `intake doctor`.

    It may be run again at any point: what is set is kept unless said otherwise, lines of your own stay, and it asks
    before it changes a value. Again is also how another client is added. On a terminal it asks; without one each
    question is an option, or the variable of that name, and --yes stands for the confirmations.

    \b
    Examples:
      intake setup
      intake setup --add-rule
      DOCSPACE_API_KEY=sk-… intake setup --portal yourportal.onlyoffice.com --room "Acme Ltd" \\
        --incoming Accounting/Incoming --create-incoming --recipient manager@example.com \\
        --smtp-url smtp://mail.example.com:25 --webhook-url https://your.host --wait 300
      intake setup --dry-run --json

    Exit codes: 0 done, and the doctor found nothing that failed; 1 it could not be done, or the doctor did; 2 wrong
    usage, or an answer that is missing.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    given = Given(
        env_file=env_file, rules_file=rules_file, portal=portal, api_key_file=api_key_file, room=room,
        incoming=incoming, create_incoming=create_incoming, recipients=tuple(recipient or ()),
        titles=tuple(title or ()), name=name, add_rule=add_rule, smtp_url=smtp_url, mail_from=mail_from,
        operator=operator, checks_mail=not no_mail_check, webhook_url=webhook_url, registers=not no_webhook,
        starts=start, wait_s=wait,
        dry_run=dry_run,
    )  # fmt: skip
    person = Person(on_terminal=sys.stdin.isatty(), says_yes=yes, by_stderr=as_json)
    report = Report(str(env_file), str(rules_file or env_file.parent / "rules.toml"), dry_run=dry_run)
    try:
        with _ended_well(report):
            known = known_now(given, context.obj)
            report.rules_file = str(known.rules_file)
            run(person, given, known, report)
    finally:
        if as_json:
            say_json(asdict(report))
    raise typer.Exit(0 if report.ok else FAILED)


@contextlib.contextmanager
def _ended_well(report: Report) -> Iterator[None]:
    """Whatever ends it says in one sentence why, and what stands."""
    try:
        yield
    except (KeyboardInterrupt, typer.Abort):
        stands = "the files are written" if report.written else "nothing was written"
        say(f"\nintake: stopped; {stands}. Run it again to go on.", err=True)
        raise typer.Exit(FAILED) from None
    except (IntakeError, SettingsError, OSError, ValueError) as error:
        complain(error)
        raise typer.Exit(FAILED) from None
