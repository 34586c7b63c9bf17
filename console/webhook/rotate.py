"""`webhook rotate`: wires the change of the secret, and says each step."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from console.settings import FAILED, Address, settings_or_exit
from console.terminal.printing import say, say_json
from console.webhook import making, rotation
from console.webhook.choice import ours
from console.webhook.kept import as_it_is
from console.webhook.portal import failure, portal
from console.webhook.proof import Pace, Prover
from shared.docspace.client import Client
from shared.docspace.webhook_log import LogEntry, newest, retry
from shared.docspace.webhooks import Webhook, Webhooks
from shared.process.settings import Portal
from shared.process.webhook_settings import Webhooks as WebhookSettings

PACE = Pace()
SAY_EVERY_S = 10.0
KEEP_BOTH = "keep both secrets in .env: whether the portal has the new one is not known. Call this again"


class RotateSettings(Portal, WebhookSettings, Address):
    pass


def command(
    context: typer.Context,
    ingress: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="Each ingress's own address, where there are several or it differs."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Change the secret without losing an event, in two calls of this command.

    First with one secret in DOCSPACE_WEBHOOK_SECRET: it makes a new one and says what to put into .env. After a
    restart of the ingress with both, again: it sends the ingress an event signed with each, and only if both are
    taken gives the portal the last. Then it waits, at most five minutes, until the portal's log shows an event that
    was sent afterwards and signed with the new secret; where none comes it has the newest sent again. Only then it
    says that the old secret may go; else it says to keep both, and exits with 1: call it again.

    \b
    Examples:
      intake webhook rotate
      intake webhook rotate --ingress http://10.0.0.7:3000/docspace/webhook
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings = settings_or_exit(RotateSettings, context.obj)
    secrets = settings.secrets
    if not secrets:
        raise typer.BadParameter("there is no secret to change: set DOCSPACE_WEBHOOK_SECRET")
    if len(secrets) == 1:
        _say(rotation.begin(secrets[0].decode()), as_json)
        return
    with portal(settings, settings.webhook_url or "") as client:
        one = _the_one(ours(Webhooks(client).list(), settings.webhook_url))
        refused = rotation.refusals(ingress or [one.url], secrets)
        if refused:
            raise failure("\n  ".join(["nothing was changed, the ingress is not ready for it:", *refused]))
    with portal(settings, one.url, KEEP_BOTH) as client:
        proof = Prover(OurSide(client, one, secrets[-1].decode()), secrets, _Progress(), PACE).run()
    steps = rotation.end([secret.decode() for secret in secrets], proof)
    _say(steps, as_json)
    if not steps.proven:
        raise typer.Exit(FAILED)


@dataclass(slots=True)
class OurSide:
    """What the proof needs of the portal."""

    client: Client
    one: Webhook
    """As it was before: all but its secret stays so."""
    secret: str

    def put(self) -> None:
        webhooks = Webhooks(self.client)
        made = making.completed(webhooks, making.find(webhooks, self.one.id), as_it_is(self.one), self.secret)
        for sentence in made.said:
            say(sentence, err=True)

    def rows(self) -> Sequence[LogEntry]:
        return newest(self.client, self.one.id)

    def retry(self, row_id: int) -> None:
        retry(self.client, row_id)


class _Progress:
    """Says on stderr what is waited for, now and then."""

    def __init__(self) -> None:
        self._said_at = -SAY_EVERY_S

    def __call__(self, what: str) -> None:
        now = time.monotonic()
        if now - self._said_at >= SAY_EVERY_S:
            self._said_at = now
            say(what, err=True)


def _the_one(found: tuple[Webhook, ...]) -> Webhook:
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(str(one.id) for one in found)
        raise failure(f"several webhooks call us ({ids}): remove all but one, or set WEBHOOK_URL")
    raise failure("no webhook calls us: intake webhook register, or set WEBHOOK_URL to the address it calls")


def _say(steps: rotation.Steps, as_json: bool) -> None:
    if as_json:
        say_json(asdict(steps))
    else:
        say(steps.text)
