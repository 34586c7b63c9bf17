"""The worker's job in figures: which messages wait, which of them are invoices, and what must come of each."""

import json
import time
from collections.abc import Iterator

from bench.queues import JOBS
from shared.runtime.settle import DEFAULT_EXCHANGE, EXCHANGE
from shared.wire.message import Message, Publication, derived_id, traceparent_for

ONE_IN = 4
"""The issue's job: an event is published for one message in four. In the equal job it is one for every message."""
STARTED = int(time.time())
"""When the messages say they were sent: what is older than the history keeps, it forgets."""


def body(number: int) -> bytes:
    """1 kB of JSON."""
    return json.dumps({"number": number, "filler": "x" * 960}).encode()


def invoices(count: int, one_in: int = ONE_IN) -> list[int]:
    """The last message is one, so that the last event says that all was handled."""
    return list(range(one_in, count + 1, one_in))


def for_peers(count: int) -> Iterator[Publication]:
    return (_publication(number, DEFAULT_EXCHANGE, JOBS) for number in range(1, count + 1))


def for_ours(count: int) -> Iterator[Publication]:
    return (_publication(number, EXCHANGE, "webhook.file.uploaded") for number in range(1, count + 1))


def message_id(number: int) -> str:
    return derived_id("bench", number)


def _publication(number: int, exchange: str, key: str) -> Publication:
    upload = derived_id("upload", number)
    message = Message(
        body=body(number),
        type="webhook.file.uploaded",
        message_id=message_id(number),
        correlation_id=upload,
        timestamp=STARTED,
        traceparent=traceparent_for(upload),
    )
    return Publication(exchange=exchange, routing_key=key, message=message, mandatory=True)
