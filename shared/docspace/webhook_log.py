"""The portal's log of the webhooks that it sent, or failed to. Route as in DocSpace 3.7.2's WebhooksController."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from shared.docspace.client import Client
from shared.docspace.field import ABSENT, Field, WholeId, moment, text
from shared.docspace.pages import PAGE
from shared.docspace.wire import readable

ROUTE = "settings/webhooks/log"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One event for one webhook, and how its last attempt ended."""

    id: int
    """Is `event.id` in the body; a retry by hand makes a new one."""
    created: datetime
    body: bytes
    """As it was sent last; empty if it never was."""
    delivered: bool


class _Row(msgspec.Struct, rename="camel"):
    id: WholeId
    creation_time: str
    request_payload: Field = ABSENT
    delivery: Field = ABSENT


def webhook_log(client: Client, since: datetime) -> Iterator[LogEntry]:
    """Newest first, what was created since then. ScopeMissingError where the key's permissions do not reach it.

    Without the portal's own filter by time: it goes by the time of delivery, which failures do not have.
    """
    start = 0
    while rows := client.call("GET", ROUTE, list[Field], params={"count": PAGE, "startIndex": start}):
        for row in readable(rows, _Row):
            created = moment(row.creation_time)
            if created is None:
                continue  # it costs itself, as any that cannot be read
            if created < since:
                return
            yield LogEntry(
                id=int(row.id),
                created=created,
                body=(text(row.request_payload) or "").encode(),
                delivered=text(row.delivery) is not None,
            )
        start += len(rows)
