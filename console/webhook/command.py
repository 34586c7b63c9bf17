"""`webhook list|register|rotate|enable|remove`: the portal's side of the intake."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from console.harmless import harmless
from console.settings import FAILED, Address, settings_or_exit
from console.webhook import rotation
from console.webhook.choice import needed_triggers, ours
from shared.docspace.client import Client
from shared.docspace.webhooks import Webhook, Webhooks
from shared.errors import IntakeError
from shared.settings import Portal, Rules
from shared.webhook_settings import Webhooks as WebhookSettings

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

NAME = "invoice-intake"

Json = Annotated[bool, typer.Option("--json", help="For a program.")]
Id = Annotated[int, typer.Argument(metavar="ID", help="As `webhook list` prints it.")]


class ListSettings(Portal, Address):
    pass


class RegisterSettings(Portal, Rules, WebhookSettings, Address):
    pass


class RotateSettings(Portal, WebhookSettings, Address):
    pass


@app.callback()
def webhook() -> None:
    """The portal's webhook that tells us of uploads.

    \b
    Examples:
      intake webhook list
      intake webhook register https://hooks.example.com/docspace/webhook
      intake webhook rotate

    The portal is found by DOCSPACE_API_HOST and DOCSPACE_API_KEY; a key with limited permissions needs *:write.
    WEBHOOK_URL is the address that the portal calls. Exit codes: 0 done, 1 the portal or the ingress did not do
    it, 2 wrong usage or settings. Every command may be repeated.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines


@app.command("list")
def list_(context: typer.Context, as_json: Json = False) -> None:
    """Show the portal's webhooks that the service user may see; * marks ours.

    \b
    Examples:
      intake webhook list
      intake webhook list --json | jq '.[] | select(.ours)'
    """  # noqa: D301 # as above
    settings = settings_or_exit(ListSettings, context.obj)
    with _webhooks(settings) as webhooks:
        listed = webhooks.list()
    mine = ours(listed, settings.webhook_url)
    if as_json:
        typer.echo(json.dumps([record(one) | {"ours": one in mine} for one in listed], indent=2))
    elif not listed:
        typer.echo("No webhooks.")
    else:
        typer.echo("\n\n".join(_shown(one, "* " if one in mine else "") for one in listed))


@app.command()
def register(
    context: typer.Context,
    url: Annotated[str | None, typer.Argument(metavar="[URL]", help="The ingress as the portal sees it.")] = None,
    name: Annotated[str, typer.Option(help="What the portal calls it, at most 50 characters.")] = NAME,
    as_json: Json = False,
) -> None:
    """Make the webhook, with the triggers that the rules need; or give the one that is there what it lacks.

    The ingress must be running: the portal sends it a HEAD. The last of DOCSPACE_WEBHOOK_SECRET becomes the new
    webhook's secret; one that is there keeps its own.

    \b
    Examples:
      intake webhook register https://hooks.example.com/docspace/webhook
      WEBHOOK_URL=https://hooks.example.com/docspace/webhook intake webhook register
    """  # noqa: D301 # as above
    settings = settings_or_exit(RegisterSettings, _with_url(context.obj, url))
    if settings.webhook_url is None:
        raise typer.BadParameter("say which address the portal is to call: URL, or WEBHOOK_URL")
    if not settings.secrets:
        raise typer.BadParameter("the portal wants a secret: set DOCSPACE_WEBHOOK_SECRET")
    triggers = needed_triggers(settings.rules())
    with _webhooks(settings) as webhooks:
        found = ours(webhooks.list(), settings.webhook_url)
        if found:
            done = completed(webhooks, found[0], triggers)
        else:
            secret = settings.secrets[-1].decode()
            done = webhooks.create(name=name, url=settings.webhook_url, secret=secret, triggers=triggers)
    _tell(done, as_json, "there, with all it needs" if found else "registered")


@app.command()
def rotate(
    context: typer.Context,
    ingress: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="Each ingress's own address, where there are several or it differs."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change the secret without losing an event, in two calls of this command.

    First with one secret in DOCSPACE_WEBHOOK_SECRET: it makes a new one and says what to put into .env. After a
    restart of the ingress with both, again: it sends the ingress an event signed with each, and only if both are
    taken gives the portal the new one. Then the old one may go.

    \b
    Examples:
      intake webhook rotate
      intake webhook rotate --ingress http://10.0.0.7:3000/docspace/webhook
    """  # noqa: D301 # as above
    settings = settings_or_exit(RotateSettings, context.obj)
    secrets = settings.secrets
    if not secrets:
        raise typer.BadParameter("there is no secret to change: set DOCSPACE_WEBHOOK_SECRET")
    if len(secrets) == 1:
        _say_steps(rotation.begin(secrets[0].decode()), as_json)
        return
    with _webhooks(settings) as webhooks:
        one = _the_one(ours(webhooks.list(), settings.webhook_url))
        refused = rotation.refusals(ingress or [one.url], secrets)
        if refused:
            raise _failure("\n  ".join(["nothing was changed, the ingress is not ready for it:", *refused]))
        webhooks.update(one, secret=secrets[-1].decode())
    _say_steps(rotation.end(secrets[-1].decode()), as_json)


@app.command()
def enable(context: typer.Context, webhook_id: Id, as_json: Json = False) -> None:
    """Switch a webhook on. The ingress must be running: the portal sends it a HEAD.

    \b
    Example:
      intake webhook enable 7
    """  # noqa: D301 # as above
    with _webhooks(settings_or_exit(ListSettings, context.obj)) as webhooks:
        done = webhooks.enable(_named(webhooks, webhook_id))
    _tell(done, as_json, "enabled")


@app.command()
def remove(
    context: typer.Context,
    webhook_id: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Take a webhook off the portal: what is uploaded from then on is not told by it.

    \b
    Example:
      intake webhook remove 7
    """  # noqa: D301 # as above
    with _webhooks(settings_or_exit(ListSettings, context.obj)) as webhooks:
        one = _named(webhooks, webhook_id)
        if not yes:
            typer.confirm(harmless(f'Remove {one.id} "{one.name}", which calls {one.url}?'), abort=True, err=True)
        webhooks.delete(one.id)
    _tell(one, as_json, "removed")


@contextlib.contextmanager
def _webhooks(settings: Portal) -> Iterator[Webhooks]:
    """Ends the command with one sentence where the portal does not do it."""
    key = settings.docspace_api_key.get_secret_value()
    try:
        with contextlib.closing(
            Client(settings.docspace_api_host, key, pool_size=1, ca_file=settings.tls_ca_file)
        ) as client:
            yield Webhooks(client)
    except IntakeError as error:
        raise _failure(str(error)) from None


def completed(webhooks: Webhooks, one: Webhook, triggers: tuple[str, ...], secret: str = "") -> Webhook:
    """With the triggers that it lacks on top of its own, the secret where one is given, and switched on."""
    if secret or not all(map(one.sends, triggers)):
        one = webhooks.update(one, triggers={*one.triggers, *triggers}, secret=secret)
    return one if one.enabled else webhooks.enable(one)


def _named(webhooks: Webhooks, webhook_id: int) -> Webhook:
    for one in webhooks.list():
        if one.id == webhook_id:
            return one
    raise _failure(f"the service user sees no webhook {webhook_id}; see intake webhook list")


def _the_one(found: tuple[Webhook, ...]) -> Webhook:
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(str(one.id) for one in found)
        raise _failure(f"several webhooks call us ({ids}): remove all but one, or set WEBHOOK_URL")
    raise _failure("no webhook calls us: intake webhook register, or set WEBHOOK_URL to the address it calls")


def _with_url(environ: Mapping[str, str], url: str | None) -> Mapping[str, str]:
    return {**environ, "WEBHOOK_URL": url} if url else environ


def _say_steps(steps: rotation.Steps, as_json: bool) -> None:
    typer.echo(json.dumps(asdict(steps), indent=2) if as_json else steps.text)


def _tell(one: Webhook, as_json: bool, what: str) -> None:
    typer.echo(json.dumps(record(one), indent=2) if as_json else f"{_shown(one, '')}\n{what}")


def record(one: Webhook) -> dict[str, Any]:
    return {**asdict(one), "triggers": sorted(one.triggers)}


def _shown(one: Webhook, mark: str) -> str:
    failure = f"{one.last_failure_at}: {one.last_failure or ''}" if one.last_failure_at else "never"
    lines = [
        f"{mark}{one.id}  {one.name}{'' if one.enabled else '  (disabled)'}",
        f"    calls         {one.url}",
        f"    on            {', '.join(sorted(one.triggers))}",
        f"    last success  {one.last_success_at or 'never'}",
        f"    last failure  {failure}",
    ]
    return harmless("\n".join(lines))


def _failure(sentence: str) -> typer.Exit:
    typer.echo(f"intake: {sentence}", err=True)
    return typer.Exit(FAILED)
