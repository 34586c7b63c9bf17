"""Turns an HTTP answer that is no success, or a missing answer, into an error that says what to do next. No I/O.

The sentences quote the portal's own `error.message`. They never hold the request, and so never the API key.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec
import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from shared.docspace.errors import (
    BusyError,
    ForbiddenError,
    NotFoundError,
    RefusedError,
    TryLaterError,
    UnexplainedError,
    UnreachableError,
)
from shared.docspace.field import ABSENT, Field
from shared.errors import IntakeError
from shared.network.tls import distrust
from shared.text.codes import Code
from shared.text.outside import cut, one_line
from shared.text.reading import UNREADABLE

QUOTED_BYTES = 600
"""How much of the portal's message is quoted: enough for its sentences, too little for a stack trace or a
proxy's page."""

REDIRECT = range(300, 400)
DECLINED = range(400, 500)
EPOCH_FROM_S = 1e9
"""An X-Ratelimit-Reset above this is a moment, not a duration."""


_CONNECTION = re.compile(r"^(<[^>]*>|HTTPS?Connection\([^)]*\)): ")
"""The start of urllib3's sentences, which is cut off: the host is named already, and an object's address helps
nobody."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the portal said about a refusal. Its words are in the language of the key's user, so no decision
    depends on them.
    """

    text: str = ""
    """`error.message`, or the faults of the request's own shape, which come in the envelope of a success."""
    kind: str = ""
    """`error.type`; empty where there is no `error`."""
    explained: bool = False
    """Whether there is an `error.message`."""


class _Fault(msgspec.Struct):
    message: Any = None
    type: Any = None


class _Shape(msgspec.Struct):
    title: Any = None
    errors: Any = None


class _Failure(msgspec.Struct):
    error: Field = ABSENT
    response: Field = ABSENT


def failure(status: int, headers: Mapping[str, str], body: bytes, route: str, now: float) -> IntakeError:
    """The error for any answer outside 2xx; `now` is seconds since the epoch, for dates in `headers`."""
    told = said(body)
    reason = f"the portal answered {status} to {route}" + (f": {told.text}" if told.text else "")
    wait_s = retry_after_s(headers, now)
    match status:
        case 408 | 425:
            error: IntakeError = TryLaterError(reason, status=status, retry_after_s=wait_s, maybe_done=True)
        case 429:
            error = BusyError(f"the portal limits our rate: {reason}", retry_after_s=wait_s)
        case _ if status in DECLINED and not _explains(status, told):
            error = UnexplainedError(reason, status=status, retry_after_s=wait_s)
        case 402:
            error = TryLaterError(
                f"the portal's plan or quota does not allow it: {reason}",
                code=Code.PORTAL_UNPAID,
                status=status,
                retry_after_s=wait_s,
            )
        case 403:
            error = ForbiddenError(reason, kind=told.kind)
        case 404:
            error = NotFoundError(reason, kind=told.kind)
        case _ if status in REDIRECT:
            error = TryLaterError(
                f"{reason}: a redirect, which is not followed; check DOCSPACE_API_HOST (https or http, host name)",
                code=Code.PORTAL_NOT_ITSELF,
                status=status,
            )
        case _ if status in DECLINED:
            error = RefusedError(reason, status=status, kind=told.kind)
        case _:
            error = TryLaterError(reason, status=status, retry_after_s=wait_s, maybe_done=True)
    return error


def _explains(status: int, told: Said) -> bool:
    """Whether the answer gives a reason. A 401 is always about the key. A fault of the request's own shape has
    no `error`.
    """
    match status:
        case 401:
            return False
        case 402 | 403 | 404:
            return told.explained
        case _:
            return bool(told.text)


def unreachable(error: OSError, route: str, host: str) -> UnreachableError:
    """The error for a request without an answer."""
    if _never_sent(error):
        return UnreachableError(f"the portal {host} cannot be reached for {route}: {_cause(error)}")
    if isinstance(error, requests.Timeout):
        return UnreachableError(f"the portal {host} did not answer {route} in time", maybe_done=True)
    return UnreachableError(f"the connection to {host} broke during {route}: {_cause(error)}", maybe_done=True)


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """The longest wait in seconds that `Retry-After` or `X-Ratelimit-Reset` asks for; None if neither does."""
    waits = [_retry_after(headers.get("Retry-After", ""), now), _reset(headers.get("X-Ratelimit-Reset", ""), now)]
    return max((wait for wait in waits if wait is not None), default=None)


def _retry_after(text: str, now: float) -> float | None:
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, _utc(moment).timestamp() - now)


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _reset(text: str, now: float) -> float | None:
    seconds = _number(text)
    if seconds is not None and seconds > EPOCH_FROM_S:
        return max(0.0, seconds - now)
    return seconds


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def said(body: bytes) -> Said:
    """What the body says; nothing if it is empty, a proxy's page or a problem document."""
    found = _read(body, _Failure) or _Failure()
    fault = _read(found.error, _Fault) or _Fault()
    if isinstance(fault.message, str) and fault.message.strip():
        return Said(_quoted(fault.message), fault.type if isinstance(fault.type, str) else "", explained=True)
    shape = _read(found.response, _Shape) or _Shape()
    return Said(_quoted("; ".join(_shape_faults(shape))))


def _shape_faults(shape: _Shape) -> Iterator[str]:
    for faults in shape.errors.values() if isinstance(shape.errors, dict) else ():
        yield from map(str, faults if isinstance(faults, list) else [faults])
    if not shape.errors and isinstance(shape.title, str):
        yield shape.title


T = TypeVar("T")


def _read(raw: bytes | Field, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(raw, type=kind)
    except UNREADABLE:
        return None


def _quoted(text: str) -> str:
    return cut(one_line(text), QUOTED_BYTES)


def _never_sent(error: OSError) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return True
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _cause(error: BaseException) -> str:
    """The innermost cause, which says `Connection refused` where the outer ones print object addresses."""
    while error.args and isinstance(error.args[0], MaxRetryError):
        error = error.args[0]
    reason = getattr(error, "reason", None) or error
    inner = reason.args[-1] if getattr(reason, "args", ()) else None
    if isinstance(inner, BaseException) and (why := distrust(inner)):
        return f"it {why}"
    text = str(inner) if inner is not None else type(error).__name__
    return _CONNECTION.sub("", text)[:QUOTED_BYTES]
