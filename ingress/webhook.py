"""Finds a webhook's routing key and its ids. Pure; the body is never changed."""

from typing import TypeVar

import msgspec

from shared.docspace.ids import whole_second
from shared.text.reading import decoded
from shared.wire.message import Message, derived_id, traceparent_for
from shared.wire.stages import UNREADABLE

MAX_BODY_BYTES = 2 * 1024 * 1024
MAX_TRIGGER_BYTES = 200
"""AMQP allows routing keys of at most 255 bytes. DocSpace's longest trigger has 18."""


T = TypeVar("T")


class _Event(msgspec.Struct, frozen=True):
    trigger: str
    id: int | str | None = None


class _Entry(msgspec.Struct, frozen=True, rename="camel"):
    id: int | str | None = None
    modified_on: str | None = None
    updated: str | None = None


class _Sender(msgspec.Struct, frozen=True):
    id: int | str | None = None


class _Labels(msgspec.Struct, frozen=True):
    """The fields that the routing key and the ids are made of. The classifier reads everything else."""

    event: _Event
    payload: msgspec.Raw = msgspec.Raw()
    webhook: msgspec.Raw = msgspec.Raw()


_labels = msgspec.json.Decoder(_Labels)
_entry = msgspec.json.Decoder(_Entry)
_sender = msgspec.json.Decoder(_Sender)


def received(body: bytes, received_at: float) -> Message:
    """The message for a signed body, whatever the body holds. `received_at` is seconds since the epoch.

    The same event gets the same ids each time, although DocSpace rewrites the body for every attempt. The message
    id is made of webhook and event. The correlation id is made of the file and the second of its last change, so
    both events of one upload (`file.created` and `file.uploaded`) have the same.
    """
    labels = _read(_labels, body)
    if labels is None or not _routable(labels.event.trigger):
        return raw_message(body, UNREADABLE, derived_id(body), derived_id("unreadable", body), received_at)
    entry = _read(_entry, labels.payload) or _Entry()
    sender = _read(_sender, labels.webhook) or _Sender()
    event_id = labels.event.id
    message_id = derived_id(body) if event_id is None else derived_id("event", sender.id, event_id)
    modified = entry.modified_on or entry.updated
    upload_id = (
        message_id
        if entry.id is None or modified is None
        else derived_id("upload", entry.id, whole_second(modified))
    )
    return raw_message(body, f"webhook.{labels.event.trigger}", message_id, upload_id, received_at)


def _read(decoder: msgspec.json.Decoder[T], raw: bytes | msgspec.Raw) -> T | None:
    try:
        return decoded(decoder, raw)
    except msgspec.DecodeError:
        return None


def _routable(trigger: str) -> bool:
    """Whether the trigger can be a part of a routing key. A person reads it too, so it must be printable."""
    return trigger.isprintable() and 0 < len(trigger.encode()) <= MAX_TRIGGER_BYTES


def raw_message(body: bytes, key: str, message_id: str, correlation_id: str, received_at: float) -> Message:
    """A webhook's message: the body as it came, under the routing key `key`."""
    return Message(
        body=body,
        type=key,
        message_id=message_id,
        correlation_id=correlation_id,
        timestamp=int(received_at),
        received_at=received_at,
        app_id="ingress",
        traceparent=traceparent_for(correlation_id),
    )
