"""`explain`: why an event is taken for an invoice, or why not, from the code that decides in production."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from console import explanation_view
from console.explanation import NoPortal, explain, uploaded
from console.settings import FAILED, USAGE, given, settings_or_exit
from console.waiting import Waiting
from shared.docspace.client import Client
from shared.docspace.errors import ForbiddenError, NotFoundError
from shared.errors import IntakeError
from shared.inquiry.facts import Portal as Asked
from shared.inquiry.reading import read
from shared.outcome import Dead, Skip
from shared.rules.file import RulesError, load_rules
from shared.rules.ids import entry_id
from shared.rules.model import RuleSet
from shared.settings import Portal, Rules
from shared.webhook import Webhook


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

    Every rule and every check in order: what was seen, what was wanted, the first that fails. It only reads.
    What only the portal knows is asked of it (DOCSPACE_API_HOST, DOCSPACE_API_KEY), as the classifier would;
    without these it says what is missing.

    \b
    Examples:
      intake explain event.json
      intake explain --file-id 748301
      intake explain --file-id 748301 --rules new-rules.toml --json
      curl -s … | intake explain -

    Exit codes: 0 explained, 1 the event cannot be read or the portal does not tell, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    if (event is None) == (file_id is None):
        raise typer.BadParameter("give an event (a file, or - for stdin), or --file-id")
    wanted = _rules(rules, context.obj)
    with Waiting("asking the portal"), _portal(context.obj) as portal:
        webhook = _webhook(event.read(), wanted) if event else _of_file(file_id or "", portal)
        told = explain(webhook, wanted, portal)
    typer.echo(
        json.dumps(explanation_view.as_json(told), indent=2, ensure_ascii=False)
        if as_json
        else explanation_view.plain(told)
    )


def _rules(file: Path | None, environ: Mapping[str, str]) -> RuleSet:
    if file is None:
        return settings_or_exit(Rules, environ).rules()
    try:
        return load_rules(file)
    except RulesError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE) from None


@contextmanager
def _portal(environ: Mapping[str, str]) -> Iterator[Asked]:
    if not given("DOCSPACE_API_HOST", environ) and not given("DOCSPACE_API_KEY", environ):
        yield NoPortal()
        return
    settings = settings_or_exit(Portal, environ)
    client = Client(
        settings.docspace_api_host,
        settings.docspace_api_key.get_secret_value(),
        pool_size=1,
        ca_file=settings.tls_ca_file,
    )
    try:
        yield client
    finally:
        client.close()


def _webhook(body: bytes, rules: RuleSet) -> Webhook:
    match read(body, rules):
        case Webhook() as webhook:
            return webhook
        case Skip(reason):
            return _end(f"the classifier skips it: {reason}")
        case Dead(reason):
            return _end(f"it becomes a dead letter: {reason}")


def _of_file(file_id: str, portal: Asked) -> Webhook:
    try:
        return uploaded(portal.file(entry_id(file_id)))
    except ValueError as error:
        raise typer.BadParameter(f"--file-id {error}") from None
    except (NotFoundError, ForbiddenError):
        return _end(f"the portal has no file {file_id}, or its user may not see it")
    except IntakeError as error:
        return _end(str(error))


def _end(sentence: str) -> Webhook:
    typer.echo(f"intake: {sentence}", err=True)
    raise typer.Exit(FAILED)
