"""Turns the product's messages into AMQP properties and headers, and back. It accepts what others publish."""

import time

import pika
from pika.spec import Basic

from shared.text.outside import NAME_BYTES, identifier
from shared.wire import headers as told
from shared.wire.message import Message, Publication, derived_id

PERSISTENT = 2
LONGEST_WAIT_S = 7 * 86_400
"""Nothing of ours waits this long. A later `not_before_ms` was set by somebody else or by a wrong clock, and is
ignored."""


def headers(publication: Publication) -> dict[str, str | int]:
    message = publication.message
    headers = dict(publication.headers)
    if message.traceparent:
        headers["traceparent"] = message.traceparent
    if message.override:
        headers["override"] = message.override
    if message.swept:
        headers["swept"] = message.swept
    if message.received_at is not None:
        headers["received_at_ms"] = round(message.received_at * 1000)
    if message.waited_s:
        headers["waited_ms"] = round(message.waited_s * 1000)
    if message.attempt > 1:
        headers["attempt"] = message.attempt
    if message.first_failed_at is not None:
        headers["first_failed_at_ms"] = round(message.first_failed_at * 1000)
    if message.not_before is not None:
        headers["not_before_ms"] = round(message.not_before * 1000)
    return headers


def message(method: Basic.Deliver, props: pika.BasicProperties, body: bytes) -> Message:
    """The message in a delivery. If its publisher set no ids, they are derived from the body, so they repeat."""
    headers = props.headers or {}
    now = time.time()
    message_id = _id(props.message_id) or derived_id(body)
    not_before = told.seconds(headers, "not_before_ms")
    return Message(
        body=body,
        type=_id(props.type) or _id(method.routing_key),
        message_id=message_id,
        correlation_id=_id(props.correlation_id) or message_id,
        timestamp=told.whole_seconds(props.timestamp) or int(now),
        received_at=told.seconds(headers, "received_at_ms"),
        content_type=_id(props.content_type) or "application/json",
        app_id=_id(props.app_id),
        traceparent=told.name(headers, "traceparent"),
        attempt=told.tries(headers, "attempt") or 1,
        first_failed_at=told.seconds(headers, "first_failed_at_ms"),
        waited_s=told.seconds(headers, "waited_ms") or 0.0,
        not_before=not_before if not_before is None or not_before < now + LONGEST_WAIT_S else None,
        override=told.name(headers, "override"),
        swept=told.name(headers, "swept"),
        delivery_count=told.tries(headers, "x-delivery-count") or 0,
    )


def _id(value: object) -> str:
    return identifier(told.as_text(value), NAME_BYTES)
