"""What the portal says of the webhooks that call us: are they there and switched on, and what became of each?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from console.reconcile import webhook_health
from console.reconcile.deliveries import LONG_AGO, NOT_READ, Deliveries, read
from console.webhook.choice import ours
from shared.docspace.client import Client
from shared.docspace.errors import RefusedError, ScopeMissingError, UnexplainedError
from shared.docspace.webhook_log import webhook_log
from shared.docspace.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class Asked:
    fault: str | None = None
    """Why uploads do not reach us, or not all."""
    silent: str | None = None
    """The same, where no webhook of an upload comes at all."""
    ids: frozenset[int] | None = None
    """Of the webhooks that call us; None: this key may not see them."""
    deliveries: Deliveries = NOT_READ
    unchecked: tuple[str, ...] = ()


def asked(client: Client, wanted: Collection[str], since: datetime, now: datetime) -> Asked:
    """`wanted` are the rules' triggers; of the log, what happened since, and no more than ten pages.

    TransientError where the portal cannot be asked.
    """
    try:
        found = ours(Webhooks(client).list(), None)
        ids = frozenset(webhook.id for webhook in found)
        deliveries = read(webhook_log(client, LONG_AGO), ids, since, now)
    except (RefusedError, ScopeMissingError, UnexplainedError) as error:
        return Asked(unchecked=(f"the portal's webhooks and their log, which this key may not read ({error})",))
    fault = webhook_health.fault(found, wanted)
    some_come = any(hook.enabled and hook.sends(trigger) for hook in found for trigger in wanted)
    return Asked(fault, None if some_come else fault, ids, deliveries)
