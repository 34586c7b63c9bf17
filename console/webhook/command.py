"""`webhook list|register|update|enable|remove`, and `rotate` from beside it: the portal's side of the intake."""

from collections.abc import Mapping
from typing import Annotated

import typer

from console.rules.live import live_or_exit
from console.settings import Address, settings_or_exit
from console.terminal.printing import agreed, say, say_json
from console.webhook import making, rotate
from console.webhook.choice import needed_triggers, ours
from console.webhook.kept import Wanted
from console.webhook.making import Made, under_way
from console.webhook.portal import failure, portal
from console.webhook.view import record, shown
from shared.docspace.client import Client
from shared.docspace.webhooks import Webhook, Webhooks
from shared.process.live_rules import RuledDatabase
from shared.process.settings import Portal
from shared.process.webhook_settings import Webhooks as WebhookSettings

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

NAME = "invoice-intake"
UNDER_WAY = (
    "an event of it is under way, and the end of its delivery may undo this: look again with intake webhook list"
)
NO_URL = "say which address the portal is to call: URL, or WEBHOOK_URL"

Json = Annotated[bool, typer.Option("--json", help="For a program.")]
Id = Annotated[int, typer.Argument(metavar="ID", help="As `webhook list` prints it.")]


class ListSettings(Portal, Address):
    pass


class UpdateSettings(Portal, RuledDatabase, Address):
    pass


class RegisterSettings(UpdateSettings, WebhookSettings):
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
    it, 2 wrong usage or settings. Every command may be repeated. None believes the portal's answer alone: each
    looks at what was kept, mends it, and says so.
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
    with portal(settings) as client:
        webhooks = Webhooks(client)
        listed, offset = webhooks.list(), webhooks.clock_offset()
    mine = ours(listed, settings.webhook_url)
    if as_json:
        say_json([record(one, offset) | {"ours": one in mine} for one in listed])
    elif not listed:
        say("No webhooks that the service user may see; an administrator sees those of all users.")
    else:
        say("\n\n".join(shown(one, offset, "* " if one in mine else "") for one in listed))


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
        raise typer.BadParameter(NO_URL)
    if not settings.secrets:
        raise typer.BadParameter("the portal wants a secret: set DOCSPACE_WEBHOOK_SECRET")
    wanted = Wanted(settings.webhook_url, frozenset(needed_triggers(live_or_exit(settings))))
    with portal(settings, settings.webhook_url) as client:
        webhooks = Webhooks(client)
        found = ours(webhooks.list(), settings.webhook_url)
        if found:
            made = making.completed(webhooks, found[0], wanted)
        else:
            secret = settings.secrets[-1].decode()
            made = making.created(webhooks, name=name, url=wanted.url, secret=secret, triggers=wanted.triggers)
        _tell(client, made, as_json, "there, with all it needs" if found else "registered")


@app.command()
def update(
    context: typer.Context,
    webhook_id: Id,
    url: Annotated[str | None, typer.Argument(metavar="[URL]", help="The ingress as the portal sees it.")] = None,
    as_json: Json = False,
) -> None:
    """Make a webhook call our address, with the triggers that the rules need on top of its own, and switch it on.

    The ingress must be running: the portal sends it a HEAD. The webhook keeps its secret; `rotate` changes that.

    \b
    Example:
      intake webhook update 7 https://new.example.com/docspace/webhook
    """  # noqa: D301 # as above
    settings = settings_or_exit(UpdateSettings, _with_url(context.obj, url))
    if settings.webhook_url is None:
        raise typer.BadParameter(NO_URL)
    wanted = Wanted(settings.webhook_url, frozenset(needed_triggers(live_or_exit(settings))))
    with portal(settings, settings.webhook_url) as client:
        webhooks = Webhooks(client)
        _tell(client, making.completed(webhooks, _named(webhooks, webhook_id), wanted), as_json, "updated")


app.command("rotate")(rotate.command)


@app.command()
def enable(context: typer.Context, webhook_id: Id, as_json: Json = False) -> None:
    """Switch a webhook on, and keep it from being switched off for the want of a certificate that http has not.

    The ingress must be running: the portal sends it a HEAD. It also renews the portal's own copy, where it lists a
    webhook as enabled and sends nothing.

    \b
    Example:
      intake webhook enable 7
    """  # noqa: D301 # as above
    settings = settings_or_exit(ListSettings, context.obj)
    with portal(settings, settings.webhook_url or "") as client:
        webhooks = Webhooks(client)
        _tell(client, making.enabled(webhooks, _named(webhooks, webhook_id)), as_json, "enabled")


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
    with portal(settings_or_exit(ListSettings, context.obj)) as client:
        webhooks = Webhooks(client)
        one = _named(webhooks, webhook_id)
        if not yes:
            agreed(f'Remove {one.id} "{one.name}", which calls {one.url}?', abort=True)
        webhooks.delete(one.id)
        _tell(client, Made(one), as_json, "removed")


def _named(webhooks: Webhooks, webhook_id: int) -> Webhook:
    for one in webhooks.list():
        if one.id == webhook_id:
            return one
    raise failure(f"the service user sees no webhook {webhook_id}; see intake webhook list")


def _with_url(environ: Mapping[str, str], url: str | None) -> Mapping[str, str]:
    return {**environ, "WEBHOOK_URL": url} if url else environ


def _tell(client: Client, made: Made, as_json: bool, what: str) -> None:
    """`mended` are the sentences of what the portal had kept otherwise, or may yet undo."""
    offset = Webhooks(client).clock_offset()
    said = [*made.said, *([UNDER_WAY] if under_way(client, made.webhook.id) else [])]
    if as_json:
        say_json(record(made.webhook, offset) | {"mended": said})
    else:
        say("\n".join([shown(made.webhook, offset), *said, what]))
