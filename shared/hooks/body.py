"""The body of a webhook: `{"type": …, "timestamp": …, "data": {…}}`, always under the limit. Pure.

The same message gives the same bytes. What is too long is left out in a fixed order, and `data.left_out` names it.
"""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from shared.errors import PermanentError
from shared.text.codes import Code
from shared.text.outside import cut
from shared.text.reading import decoded
from shared.wire.message import Message, derived_id

MOST_BYTES = 20_000
"""Standard Webhooks asks for payloads below 20 kB."""
FIRST_TO_GO = ("namesakes", "destination_path", "recipients", "channels")
"""Lists that may be long, and that a receiver can do without: all but the first two hold people's addresses."""
TEXT_BYTES = 500
"""What a text is cut to if that was not enough."""

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_decoder = msgspec.json.Decoder(dict[str, Any])
_encode = msgspec.json.Encoder().encode


def body_of(message: Message) -> bytes:
    """PermanentError for a message that holds no JSON object."""
    try:
        event = decoded(_decoder, message.body)
    except msgspec.DecodeError as error:
        raise PermanentError(f"not a readable {message.type}: {error}", code=Code.UNREADABLE) from error
    return made(message.type, message.timestamp, {**event, "correlation_id": message.correlation_id})


def made(kind: str, timestamp: int, data: dict[str, Any]) -> bytes:
    """`timestamp` is when it happened, in seconds since the epoch."""
    for some in _smaller_and_smaller(data):
        body = _encode({"type": kind, "timestamp": _written(timestamp), "data": some})
        if len(body) < MOST_BYTES:
            return body
    return _encode({"type": kind, "timestamp": _written(timestamp), "data": {"left_out": ["all"]}})


def webhook_id(message: Message) -> str:
    """The same each time that the event is sent, and to whatever endpoint: the message's id."""
    id_ = message.message_id
    return id_ if _PLAIN_ID.fullmatch(id_) else derived_id("webhook", id_)


def _smaller_and_smaller(data: dict[str, Any]) -> list[dict[str, Any]]:
    steps, gone = [data], list[str]()
    for name in FIRST_TO_GO:
        if name in data:
            gone.append(name)
            kept = {key: value for key, value in data.items() if key not in gone}
            steps.append({**kept, "left_out": list(gone)})
    short = {key: cut(value, TEXT_BYTES) if isinstance(value, str) else value for key, value in steps[-1].items()}
    plain = {key: value for key, value in short.items() if isinstance(value, str | int | float) or value is None}
    left = [*gone, *(key for key in short if key not in plain and key != "left_out")]
    return [
        *steps,
        {**short, "left_out": [*gone, "ends of texts"]},
        {**plain, "left_out": [*left, "ends of texts"]},
    ]


def _written(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat().replace("+00:00", "Z")
