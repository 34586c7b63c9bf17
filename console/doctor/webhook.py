"""The webhook: is it there, will it stay, do its events come? Asks the portal and the ingress; the rest decides."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from console.doctor import webhook_config, webhook_log, webhook_others
from console.doctor.last_upload import last_upload
from console.doctor.line import Line
from console.doctor.portal import now as utc_now
from console.doctor.webhook_config import AREA, label
from console.doctor.webhook_others import Arrivals
from console.webhook.choice import ours
from console.webhook.private import private_address
from shared.docspace.client import Client
from shared.docspace.errors import ForbiddenError, ScopeMissingError
from shared.docspace.places import Places
from shared.docspace.webhook_log import newest
from shared.docspace.webhook_times import true_time
from shared.docspace.webhooks import Webhook, Webhooks
from shared.errors import IntakeError
from shared.rules.model import RuleSet


@dataclass(frozen=True, slots=True)
class Ours:
    """What the doctor knows of our side."""

    rules: RuleSet
    url: str | None = None
    """The address that the portal is to call, where it is known."""
    secrets: tuple[bytes, ...] = ()
    arrivals: Callable[[], Arrivals | None] = lambda: None
    """What the ingress counted; None where it does not tell."""


def check(client: Client, our: Ours, clock: Callable[[], datetime] = utc_now) -> Iterator[Line]:
    webhooks = Webhooks(client)
    try:
        listed = webhooks.list()
    except (ForbiddenError, ScopeMissingError) as error:
        yield AREA.warning(
            f"the API key may not see webhooks: {error}",
            "look in the portal: Settings > Developer tools > Webhooks; or give the key the permission *:read",
            cause="unseen",
        )
        return
    except IntakeError as error:
        yield AREA.failed(f"cannot be looked at: {error}", "see whether the portal is up", cause="unseen")
        return
    try:
        yield from _compared(client, webhooks, listed, our, clock)
    except IntakeError as error:
        yield AREA.warning(f"not all of it can be looked at: {error}", "run doctor again", cause="unseen")


def _compared(
    client: Client, webhooks: Webhooks, listed: tuple[Webhook, ...], our: Ours, clock: Callable[[], datetime]
) -> Iterator[Line]:
    found = ours(listed, our.url)
    me, arrivals, offset = webhooks.viewer(), our.arrivals(), webhooks.clock_offset()
    if not found:
        yield webhook_others.none(listed, our.url, arrivals, sees_all=me.sees_all)
        yield from webhook_others.deleted(our.url, private_address(urlsplit(our.url or "").hostname or ""))
        return
    if len(found) > 1:
        names = ", ".join(map(label, found))
        yield AREA.warning(
            f"{len(found)} call us: {names}", "intake webhook remove ID: one is enough", cause="several"
        )
    others = [one for one in listed if one not in found]
    for webhook in found:
        yield from webhook_config.lines(webhook, our.rules, offset)
        disabled = webhook.owner_id not in (None, me.id) and webhooks.is_disabled(webhook.owner_id or "")
        yield from webhook_others.owner(webhook, me.id, disabled=disabled)
        yield from _by_the_log(client, webhook, others, our, offset=offset, now=clock())
    yield from webhook_others.unseen(found, arrivals, sees_all=me.sees_all)


def _by_the_log(
    client: Client,
    webhook: Webhook,
    others: Sequence[Webhook],
    our: Ours,
    *,
    offset: timedelta | None,
    now: datetime,
) -> Iterator[Line]:
    try:
        rows = newest(client, webhook.id)
    except (ForbiddenError, ScopeMissingError) as error:
        yield AREA.warning(
            f"the portal's log of {label(webhook)} may not be read, which tells what waits and which secret is "
            f"used: {error}",
            "give the key the permission *:read",
            cause="unseen-log",
        )
        return
    yield from webhook_log.lines(webhook, rows, our.secrets, others, now)
    made = None if offset is None else true_time(webhook.created_at, offset)
    yield from webhook_log.silence(
        webhook, rows, last_upload(client, our.rules, Places(client).every_room), made, now
    )
