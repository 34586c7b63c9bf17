"""Between the product's messages and AMQP's properties and headers. Tolerant of what others publish."""

import time
from typing import Any

import pika
from pika.spec import Basic

from shared.message import Message, Publication, derived_id

PERSISTENT = 2


def headers(publication: Publication) -> dict[str, str | int]:
    message = publication.message
    headers = dict(publication.headers)
    if message.traceparent:
        headers["traceparent"] = message.traceparent
    if message.override:
        headers["override"] = message.override
    if message.swept:
        headers["swept"] = message.swept
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
    """The message in a delivery; ids that its publisher left out are derived from the body, so they repeat."""
    headers: dict[str, Any] = props.headers or {}
    message_id = _text(props.message_id) or derived_id(body)
    return Message(
        body=body,
        type=_text(props.type) or _text(method.routing_key),
        message_id=message_id,
        correlation_id=_text(props.correlation_id) or message_id,
        timestamp=int(props.timestamp or time.time()),
        content_type=_text(props.content_type) or "application/json",
        app_id=_text(props.app_id),
        traceparent=_text(headers.get("traceparent")),
        attempt=max(1, int(_number(headers.get("attempt")) or 1)),
        first_failed_at=_seconds(headers.get("first_failed_at_ms")),
        waited_s=_seconds(headers.get("waited_ms")) or 0.0,
        not_before=_seconds(headers.get("not_before_ms")),
        override=_text(headers.get("override")),
        swept=_text(headers.get("swept")),
        delivery_count=int(_number(headers.get("x-delivery-count")) or 0),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _seconds(milliseconds: object) -> float | None:
    """Whole milliseconds on the wire: pika writes no floats into headers."""
    value = _number(milliseconds)
    return None if value is None else value / 1000


def _text(value: object) -> str:
    """Pika leaves as bytes what is no UTF-8. What is dropped of it keeps the rest as short as AMQP wants it."""
    if isinstance(value, bytes):
        return value.decode(errors="ignore")
    return value if isinstance(value, str) else ""
