"""JSON from outside, read so that whatever it holds ends in a value or in one kind of error. Pure."""

import json
import re
from typing import Any, Protocol, TypeVar

import msgspec

T_co = TypeVar("T_co", covariant=True)

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not what was asked for; RecursionError: nested a thousand deep."""

DEEPEST = 100
"""What is nested deeper cannot be written again by Python's json, nor read by a person."""

_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)


class _Decoder(Protocol[T_co]):
    def decode(self, buf: bytes | msgspec.Raw, /) -> T_co: ...


def decoded(decoder: _Decoder[T_co], raw: bytes | msgspec.Raw) -> T_co:
    """What `decoder` of msgspec makes of it; msgspec.DecodeError says why it cannot be read.

    Half a surrogate pair, as of an emoji that was cut in two, becomes the replacement character.
    """
    try:
        return decoder.decode(raw)
    except UNREADABLE as error:
        mended = _without_halves(bytes(raw))
        if mended == raw:
            raise _as_decode_error(error) from error
    try:
        return decoder.decode(mended)
    except UNREADABLE as error:
        raise _as_decode_error(error) from error


def loads(raw: bytes) -> Any:
    """Any JSON as Python's values; ValueError for what is none, or is nested over DEEPEST deep."""
    try:
        found = json.loads(_without_halves(raw))
    except RecursionError:
        raise ValueError("nested too deep") from None
    level = [found]
    for _ in range(DEEPEST):
        level = [each for value in level for each in _inner(value)]
        if not level:
            return found
    raise ValueError("nested too deep")


def _inner(value: object) -> list[Any]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
        case _:
            return []


def _without_halves(raw: bytes) -> bytes:
    if b"\\ud" not in raw and b"\\uD" not in raw:
        return raw
    return _ESCAPES.sub(lambda found: b"\\ufffd" if found[1] else found[0], raw)


def _as_decode_error(error: Exception) -> msgspec.DecodeError:
    if isinstance(error, msgspec.DecodeError):
        return error
    return msgspec.DecodeError("nested too deep" if isinstance(error, RecursionError) else str(error))
