"""Reads a message's headers, which anybody may have written. A value of the wrong kind counts as missing. Pure."""

from collections.abc import Mapping

from shared.text.outside import NAME_BYTES, REASON_BYTES, cut, identifier

MOST_TRIES = 1_000_000
LATEST_MS = 253_370_764_800_000
"""In the year 9999. Python has no later times."""


def tries(headers: Mapping[str, object], name: str) -> int | None:
    """A count of tries. None for a value that no message of ours has: infinite, negative, a boolean, over
    MOST_TRIES.
    """
    return _whole(headers.get(name), MOST_TRIES)


def seconds(headers: Mapping[str, object], name: str) -> float | None:
    """A moment or a duration in seconds. On the wire it is in milliseconds, because pika writes no floats."""
    value = _whole(headers.get(name), LATEST_MS)
    return None if value is None else value / 1000


def whole_seconds(value: object) -> int | None:
    """A moment in seconds since the epoch."""
    return _whole(value, LATEST_MS // 1000)


def name(headers: Mapping[str, object], key: str) -> str:
    """An id, short enough to be published again; "" if there is none."""
    return identifier(as_text(headers.get(key)), NAME_BYTES)


def sentence(headers: Mapping[str, object], key: str) -> str | None:
    value = headers.get(key)
    return cut(value, REASON_BYTES) if isinstance(value, str) else None


def as_text(value: object) -> str:
    """The value as text. Pika returns bytes for what is not UTF-8; the broken bytes are dropped, which keeps the
    text as short as AMQP requires.
    """
    if isinstance(value, bytes):
        return value.decode(errors="ignore")
    return value if isinstance(value, str) else ""


def _whole(value: object, most: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= most else None
