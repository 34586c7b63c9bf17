"""What comes and goes by the thousand, in one piece: a delivery and a confirm are read, a publish is written.

pika goes frame by frame, which takes three to ten times as long. The bytes are those of AMQP 0-9-1, section 4.2;
what is not known here, pika reads. Pure.
"""

import functools
import struct
from typing import NamedTuple

import pika
from pika.data import decode_table
from pika.spec import FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD, Basic

from shared.amqp.client import codec
from shared.wire.message import Publication

_FRAME = struct.Struct(">BHI")
"""Type, channel, and how many bytes of payload follow; after it comes FRAME_END."""
_METHOD = struct.Struct(">BHII")
"""And the method, where the frame has one."""
_CONFIRM = struct.Struct(">BHIIQBB")
"""And the delivery tag, the bits, of which the lowest is `multiple`, and FRAME_END."""
_CONTENT = struct.Struct(">HHQH")
"""The payload of a header, until the properties: class, weight, the body's bytes, which properties there are."""
_LONG = struct.Struct(">I")
_LONG_LONG = struct.Struct(">Q")
_SIGNED = struct.Struct(">q")
_AROUND = _FRAME.size + 1
_END = bytes((FRAME_END,))
UNSENDABLE = (ValueError, OverflowError, struct.error, pika.exceptions.ShortStringTooLong)
"""What `publish` raises: a text over 255 bytes, a number over 64 bits, headers over a frame (never split)."""
_PERSISTENT = bytes((codec.PERSISTENT,))

_BASIC = Basic.Publish.INDEX >> 16
_OURS = (
    pika.BasicProperties.FLAG_CONTENT_TYPE
    | pika.BasicProperties.FLAG_HEADERS
    | pika.BasicProperties.FLAG_DELIVERY_MODE
    | pika.BasicProperties.FLAG_CORRELATION_ID
    | pika.BasicProperties.FLAG_MESSAGE_ID
    | pika.BasicProperties.FLAG_TIMESTAMP
    | pika.BasicProperties.FLAG_TYPE
    | pika.BasicProperties.FLAG_APP_ID
)
"""The properties that our messages have; AMQP writes them in this order."""


class Confirm(NamedTuple):
    channel: int
    tag: int
    multiple: bool
    length: int
    """Its bytes."""


class Delivery(NamedTuple):
    """For pika, its own method frame and its own header."""

    channel: int
    method: Basic.Deliver
    properties: pika.BasicProperties
    body: bytes
    length: int
    """Its bytes."""


def read(data: bytes, at: int) -> Confirm | Delivery | None:
    """What begins at `at`; None for all else, and for what has not come as a whole, with one frame of body."""
    try:
        kind, _, _, method = _METHOD.unpack_from(data, at)
        if kind != FRAME_METHOD:
            return None
        if method == Basic.Ack.INDEX:
            return _confirm(data, at)
        if method == Basic.Deliver.INDEX:
            return _delivery(data, at)
    except struct.error:
        pass
    return None


def _confirm(data: bytes, at: int) -> Confirm | None:
    _, channel, _, _, tag, bits, end = _CONFIRM.unpack_from(data, at)
    return Confirm(channel, tag, bool(bits & 1), _CONFIRM.size) if end == FRAME_END else None


def _delivery(data: bytes, at: int) -> Delivery | None:
    _, channel, method_bytes = _FRAME.unpack_from(data, at)
    header = at + method_bytes + _AROUND
    _, _, header_bytes = _FRAME.unpack_from(data, header)
    _, _, body_bytes, present = _CONTENT.unpack_from(data, header + _FRAME.size)
    body = header + header_bytes + _AROUND
    kind, _, fragment_bytes = _FRAME.unpack_from(data, body)
    end = body + fragment_bytes + _AROUND
    if kind != FRAME_BODY or fragment_bytes != body_bytes or end > len(data):
        return None
    if not data[header - 1] == data[body - 1] == data[end - 1] == FRAME_END:
        return None
    return Delivery(
        channel,
        Basic.Deliver().decode(data, at + _METHOD.size),
        _properties(data, header + _FRAME.size + _CONTENT.size, present),
        data[body + _FRAME.size : end - 1],
        end - at,
    )


def _properties(data: bytes, at: int, present: int) -> pika.BasicProperties:
    if present != _OURS:
        return pika.BasicProperties().decode(data, at - 2)
    found = pika.BasicProperties()
    found.content_type, at = _short(data, at)
    found.headers, at = decode_table(data, at)
    found.delivery_mode = data[at]
    found.correlation_id, at = _short(data, at + 1)
    found.message_id, at = _short(data, at)
    (found.timestamp,) = _LONG_LONG.unpack_from(data, at)
    found.type, at = _short(data, at + _LONG_LONG.size)
    found.app_id, at = _short(data, at)
    return found


def _short(data: bytes, at: int) -> tuple[str, int]:
    end = at + 1 + data[at]
    return data[at + 1 : end].decode(errors="ignore"), end


def publish(channel: int, publication: Publication, body_max: int, header_max: int) -> bytes:
    """All its frames, with so many bytes in each at most. UNSENDABLE for what AMQP or a frame has no room for."""
    message = publication.message
    body = message.body
    header = b"".join(
        (
            _CONTENT.pack(_BASIC, 0, len(body), _OURS),
            _encoded_name(message.content_type),
            _encoded_table(codec.headers(publication)),
            _PERSISTENT,
            _encoded(message.correlation_id),
            _encoded(message.message_id),
            _LONG_LONG.pack(message.timestamp),
            _encoded_name(message.type),
            _encoded_name(message.app_id),
        )
    )
    if len(header) > header_max:
        raise ValueError(f"its headers take {len(header)} bytes, and a frame of this broker holds {header_max}")
    return b"".join(
        (
            _publish_method(
                channel, publication.exchange, publication.routing_key, mandatory=publication.mandatory
            ),
            _frame(FRAME_HEADER, channel, header),
            *(_frame(FRAME_BODY, channel, body[at : at + body_max]) for at in range(0, len(body), body_max)),
        )
    )


@functools.lru_cache(maxsize=256)
def _publish_method(channel: int, exchange: str, routing_key: str, *, mandatory: bool) -> bytes:
    method = Basic.Publish(exchange=exchange, routing_key=routing_key, mandatory=mandatory)
    return bytes(pika.frame.Method(channel, method).marshal())


def _frame(kind: int, channel: int, payload: bytes) -> bytes:
    return _FRAME.pack(kind, channel, len(payload)) + payload + _END


def _encoded(text: str) -> bytes:
    encoded = text.encode()
    return bytes((len(encoded),)) + encoded


_encoded_name = functools.lru_cache(maxsize=256)(_encoded)
"""For the few texts that come in every message."""


def _encoded_table(table: dict[str, str | int]) -> bytes:
    fields = b"".join([_encoded_name(name) + _encoded_value(value) for name, value in table.items()])
    return _LONG.pack(len(fields)) + fields


def _encoded_value(value: str | int) -> bytes:
    if isinstance(value, int):
        return b"l" + _SIGNED.pack(value)
    encoded = value.encode()
    return b"S" + _LONG.pack(len(encoded)) + encoded
