"""Between the product's messages and AMQP's properties and headers. Tolerant of what others publish."""

import time
from typing import Any

import pika
from pika.spec import Basic

from shared.message import Message, Publication, derived_id

_PERSISTENT = 2


def properties(publication: Publication) -> pika.BasicProperties:
    message = publication.message
    headers: dict[str, Any] = dict(publication.headers)
    if message.traceparent:
        headers["traceparent"] = message.traceparent
    if message.override:
        headers["override"] = message.override
    if message.attempt > 1:
        headers["attempt"] = message.attempt
    if message.first_failed_at is not None:
        headers["first_failed_at_ms"] = round(message.first_failed_at * 1000)
    if message.not_before is not None:
        headers["not_before_ms"] = round(message.not_before * 1000)
    return pika.BasicProperties(
        delivery_mode=_PERSISTENT,
        content_type=message.content_type,
        message_id=message.message_id,
        correlation_id=message.correlation_id,
        type=message.type,
        timestamp=message.timestamp,
        app_id=message.app_id or None,
        headers=headers,
    )


def message(method: Basic.Deliver, props: pika.BasicProperties, body: bytes) -> Message:
    """The message in a delivery; ids that its publisher left out are derived from the body, so they repeat."""
    headers: dict[str, Any] = props.headers or {}
    message_id = props.message_id or derived_id(body)
    return Message(
        body=body,
        type=props.type or method.routing_key,
        message_id=message_id,
        correlation_id=props.correlation_id or message_id,
        timestamp=int(props.timestamp or time.time()),
        content_type=props.content_type or "application/json",
        app_id=props.app_id or "",
        traceparent=_text(headers.get("traceparent")),
        attempt=max(1, int(_number(headers.get("attempt")) or 1)),
        first_failed_at=_seconds(headers.get("first_failed_at_ms")),
        not_before=_seconds(headers.get("not_before_ms")),
        override=_text(headers.get("override")),
        delivery_count=int(_number(headers.get("x-delivery-count")) or 0),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _seconds(milliseconds: object) -> float | None:
    """Whole milliseconds on the wire: pika writes no floats into headers."""
    value = _number(milliseconds)
    return None if value is None else value / 1000


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
