"""The portal's log of the webhooks that it sent, or failed to. Routes as in DocSpace 3.7.2's WebhooksController.

A row is written when the event is, and filled once, at the end of its delivery with all its attempts. Its times are
wrong by the portal's offset from UTC (tests/recorded/read-webhook-log-in-timezone.json), so none is read: the body
tells when the event was. A person who is no administrator sees the rows of their own webhooks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from shared.docspace.client import Client
from shared.docspace.field import ABSENT, Field, WholeId, moment, text
from shared.docspace.pages import PAGE
from shared.docspace.signature import SIGNATURE_HEADER
from shared.docspace.wire import readable
from shared.text.reading import UNREADABLE

ROUTE = "settings/webhooks/log"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One event for one webhook, and how its delivery ended."""

    id: int
    """The body's `event.id`. A retry by hand makes a new row with a larger one."""
    happened_at: datetime | None
    """When the event happened, in UTC and whole seconds. A retry by hand keeps it. None: the body does not say."""
    body: bytes
    """The body as it was sent last, or as it will be sent."""
    signature: str | None
    """The signature of `body` as it was sent last. None if it was not sent, or the portal does not say."""
    waiting: bool
    """Whether its delivery has not ended. If the portal was restarted meanwhile, it never ends."""
    delivered: bool


class _Row(msgspec.Struct, rename="camel"):
    id: WholeId
    request_headers: Field = ABSENT
    request_payload: Field = ABSENT
    response_payload: Field = ABSENT
    delivery: Field = ABSENT

    def entry(self) -> LogEntry:
        body = (text(self.request_payload) or "").encode()
        signature = _signature(self.request_headers)
        delivered = text(self.delivery) is not None
        ended = delivered or signature is not None or text(self.response_payload) is not None
        return LogEntry(
            id=int(self.id),
            happened_at=_happened_at(body),
            body=body,
            signature=signature,
            waiting=not ended,
            delivered=delivered,
        )


class _Happened(msgspec.Struct, rename="camel"):
    create_on: str


class _Body(msgspec.Struct):
    event: _Happened


class _Sent(msgspec.Struct):
    id: WholeId


_body = msgspec.json.Decoder(_Body)
_headers = msgspec.json.Decoder(dict[str, Any])


def webhook_log(client: Client, since: datetime) -> Iterator[LogEntry]:
    """Of all webhooks that may be seen, newest first, what happened since then.

    ScopeMissingError where the key's permissions do not reach it. Without the portal's own filter by time: it goes
    by the time of delivery, which failures do not have.
    """
    start = 0
    while rows := _rows(client, {"startIndex": start, "count": PAGE}):
        page = _entries(rows)
        recent = [entry for entry in page if entry.happened_at is None or entry.happened_at >= since]
        yield from recent
        if page and not recent:  # one older row says nothing: a retry by hand is a new row of an old event
            return
        start += len(rows)


def newest(client: Client, webhook_id: int | None = None) -> tuple[LogEntry, ...]:
    """Up to a page of rows, of one webhook or of all that may be seen, the largest id first."""
    query = {"startIndex": 0, "count": PAGE} | ({} if webhook_id is None else {"configId": webhook_id})
    return tuple(sorted(_entries(_rows(client, query)), key=lambda entry: -entry.id))


def retry(client: Client, entry_id: int) -> int:
    """Have the portal send a row again. Returns the id of the new row. Repeating sends it once more."""
    return int(client.call("PUT", f"settings/webhook/{entry_id}/retry", _Sent).id)


def _rows(client: Client, query: Mapping[str, int]) -> list[Field]:
    return client.call("GET", ROUTE, list[Field], params=dict(query))


def _entries(rows: list[Field]) -> list[LogEntry]:
    return [row.entry() for row in readable(rows, _Row)]


def _happened_at(body: bytes) -> datetime | None:
    try:
        return moment(_body.decode(body).event.create_on)
    except UNREADABLE:
        return None


def _signature(headers: Field) -> str | None:
    """The portal keeps headers as a JSON text, with a list of values for each name."""
    try:
        found = _headers.decode(text(headers) or headers)
    except UNREADABLE:
        return None
    for name, values in found.items():
        if name.lower() == SIGNATURE_HEADER:
            first = values[0] if isinstance(values, list) and values else values
            return first if isinstance(first, str) else None
    return None
