"""The worker's job in figures: which messages wait, which of them are invoices, and what must come of each."""

import json

from bench.queues import JOBS
from shared.message import Message, Publication, derived_id, traceparent_for
from shared.settle import DEFAULT_EXCHANGE, EXCHANGE

ONE_IN = 4


def body(number: int) -> bytes:
    """1 kB of JSON."""
    return json.dumps({"number": number, "filler": "x" * 960}).encode()


def invoices(count: int) -> list[int]:
    """The last message is one, so that the last event says that all was handled."""
    return list(range(ONE_IN, count + 1, ONE_IN))


def for_peers(count: int) -> list[Publication]:
    return [_publication(number, DEFAULT_EXCHANGE, JOBS) for number in range(1, count + 1)]


def for_ours(count: int) -> list[Publication]:
    return [_publication(number, EXCHANGE, "webhook.file.uploaded") for number in range(1, count + 1)]


def message_id(number: int) -> str:
    return derived_id("bench", number)


def _publication(number: int, exchange: str, key: str) -> Publication:
    upload = derived_id("upload", number)
    message = Message(
        body=body(number),
        type="webhook.file.uploaded",
        message_id=message_id(number),
        correlation_id=upload,
        timestamp=1_700_000_000,
        traceparent=traceparent_for(upload),
    )
    return Publication(exchange=exchange, routing_key=key, message=message, mandatory=True)
