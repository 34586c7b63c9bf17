"""The headers of a message, as anybody may have written them: what is not what it should be, is not there. Pure."""

from collections.abc import Mapping

from shared.text.outside import NAME_BYTES, REASON_BYTES, cut, identifier

MOST_TRIES = 1_000_000
LATEST_MS = 253_370_764_800_000
"""In the year 9999: later times are none that Python tells."""


def tries(headers: Mapping[str, object], name: str) -> int | None:
    """How often; None for what no message of ours has: infinite, negative, a boolean, over MOST_TRIES."""
    return _whole(headers.get(name), MOST_TRIES)


def seconds(headers: Mapping[str, object], name: str) -> float | None:
    """A moment or a time, in milliseconds on the wire since pika writes no floats; in seconds here."""
    value = _whole(headers.get(name), LATEST_MS)
    return None if value is None else value / 1000


def whole_seconds(value: object) -> int | None:
    """A moment that is told in seconds since the epoch."""
    return _whole(value, LATEST_MS // 1000)


def name(headers: Mapping[str, object], key: str) -> str:
    """An id, or "": short enough to be published again."""
    return identifier(as_text(headers.get(key)), NAME_BYTES)


def sentence(headers: Mapping[str, object], key: str) -> str | None:
    value = headers.get(key)
    return cut(value, REASON_BYTES) if isinstance(value, str) else None


def as_text(value: object) -> str:
    """Pika leaves as bytes what is no UTF-8. What is dropped of it keeps the rest as short as AMQP wants it."""
    if isinstance(value, bytes):
        return value.decode(errors="ignore")
    return value if isinstance(value, str) else ""


def _whole(value: object, most: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= most else None
