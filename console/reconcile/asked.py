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
    """Why uploads do not reach us."""
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
    return Asked(webhook_health.fault(found, wanted), ids, deliveries)
