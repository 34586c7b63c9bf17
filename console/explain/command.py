"""`explain`: why an event is taken for an invoice, or why not, from the code that decides in production."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from console.connect.portal import portal_client
from console.explain import view
from console.explain.explanation import Explanation, NoPortal, explain, uploaded
from console.explain.filed import Filed, as_uploaded, filed
from console.rules.live import live_or_exit
from console.settings import FAILED, USAGE, given, settings_or_exit
from console.terminal.printing import complain, say, say_json
from console.terminal.progress import Waiting
from shared.deciding.inquiry import Portal as Asked
from shared.deciding.reading import read
from shared.docspace.errors import ForbiddenError, NotFoundError
from shared.docspace.model import FileInfo
from shared.docspace.payload import Webhook
from shared.errors import IntakeError
from shared.process.live_rules import RuledDatabase
from shared.process.settings import LedgerDatabase, Portal
from shared.rules.file import RulesError, load_rules
from shared.rules.ids import entry_id
from shared.rules.model import RuleSet
from shared.store.ledger import Ledger
from shared.wire.outcome import Skip


class Kept(Portal, LedgerDatabase):
    """What it takes to know what became of a file."""


def command(
    context: typer.Context,
    *,
    event: Annotated[
        typer.FileBinaryRead | None,
        typer.Argument(metavar="[EVENT.json|-]", help="A webhook's body, as DocSpace sent it."),
    ] = None,
    file_id: Annotated[str | None, typer.Option(metavar="ID", help="As if this file were uploaded now.")] = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="Rules that are not live yet.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Say why an event is an invoice, or why not.

    Every rule and every check in order: what was seen, what was wanted, the first that fails. The classifier's own
    code decides. It only reads.
    What only the portal knows is asked of it (DOCSPACE_API_HOST, DOCSPACE_API_KEY), as the classifier would;
    without these it says what is missing. With DATABASE_URL it says of a file whether it was filed, and when.

    \b
    Examples:
      intake explain event.json
      intake explain --file-id 748301
      intake explain --file-id 748301 --rules new-rules.toml --json
      intake explain - < event.json

    Exit codes: 0 explained, 1 the event cannot be read or the portal does not tell, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    if (event is None) == (file_id is None):
        raise typer.BadParameter("give an event (a file, or - for stdin), or --file-id")
    wanted = _rules(rules, context.obj)
    with Waiting("asking the portal"), _portal(context.obj) as portal:
        if event:
            told = explain(_webhook(event.read(), wanted), wanted, portal)
        else:
            told = _of_file(file_id or "", wanted, portal, context.obj)
    if as_json:
        say_json(view.as_json(told))
    else:
        say(*view.pieces(told))


def _rules(file: Path | None, environ: Mapping[str, str]) -> RuleSet:
    if file is None:
        return live_or_exit(settings_or_exit(RuledDatabase, environ))
    try:
        return load_rules(file)
    except RulesError as error:
        say(str(error), err=True)
        raise typer.Exit(USAGE) from None


@contextlib.contextmanager
def _portal(environ: Mapping[str, str]) -> Iterator[Asked]:
    if not given("DOCSPACE_API_HOST", environ) and not given("DOCSPACE_API_KEY", environ):
        yield NoPortal()
        return
    settings = settings_or_exit(Portal, environ)
    client = portal_client(settings)
    try:
        yield client
    finally:
        client.close()


def _webhook(body: bytes, rules: RuleSet) -> Webhook:
    found = read(body, rules)
    if isinstance(found, Webhook):
        return found
    what = "the classifier skips it" if isinstance(found, Skip) else "it becomes a dead letter"
    raise _failure(f"{what}: {found.reason}")


def _of_file(file_id: str, rules: RuleSet, portal: Asked, environ: Mapping[str, str]) -> Explanation:
    """As if it were uploaded now; one that was filed, to where it was uploaded."""
    try:
        file = portal.file(entry_id(file_id, "file"))
        found = _filed(file, environ)
        webhook = uploaded(file)
        told = explain(as_uploaded(webhook, found) if found else webhook, rules, portal)
    except ValueError as error:
        raise typer.BadParameter(f"--file-id {error}") from None
    except (NotFoundError, ForbiddenError):
        raise _failure(f"the portal has no file {file_id}, or its user may not see it") from None
    except IntakeError as error:
        raise _failure(str(error)) from None
    return replace(told, filed=found)


def _filed(file: FileInfo, environ: Mapping[str, str]) -> Filed | None:
    """None too where no ledger is known to us."""
    if not given("DATABASE_URL", environ):
        return None
    settings = settings_or_exit(Kept, environ)
    with contextlib.closing(Ledger(settings.database_url.get_secret_value(), owner="console explain")) as ledger:
        return filed(file, ledger, settings.portal_host)


def _failure(sentence: str) -> typer.Exit:
    complain(sentence)
    return typer.Exit(FAILED)
