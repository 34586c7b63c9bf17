"""From an HTTP answer that is no success, or from no answer, to an error that says what to do next. No I/O.

The sentences quote the portal's own `error.message`; they never hold the request, and so never the API key.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec
import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from shared.docspace.errors import (
    BusyError,
    ForbiddenError,
    KeyRefusedError,
    NotFoundError,
    RefusedError,
    TryLaterError,
    UnreachableError,
)
from shared.errors import IntakeError

QUOTED_CHARS = 300
"""Of the portal's message: enough for its sentences, too little for a stack trace or a proxy's page."""

REDIRECT = range(300, 400)
DECLINED = range(400, 500)
UNAVAILABLE = 503
"""The one 5xx that says the request was not taken on."""

EPOCH_FROM_S = 1e9
"""An X-Ratelimit-Reset above this is a moment, not a duration."""


_CONNECTION = re.compile(r"^(<[^>]*>|HTTPS?Connection\([^)]*\)): ")
"""How urllib3 opens its sentences: the host is named already, and an object's address helps nobody."""


class _Fault(msgspec.Struct):
    message: str | None = None


class _Failure(msgspec.Struct):
    error: _Fault | None = None


def failure(status: int, headers: Mapping[str, str], body: bytes, route: str, now: float) -> IntakeError:
    """The error for any answer outside 2xx; `now` is seconds since the epoch, for dates in `headers`."""
    said = _said(body)
    reason = f"the portal answered {status} to {route}" + (f": {said}" if said else "")
    wait_s = retry_after_s(headers, now)
    match status:
        case 401:
            error: IntakeError = KeyRefusedError(f"the portal refuses our API key: {reason}", retry_after_s=wait_s)
        case 402:
            error = TryLaterError(
                f"the portal's plan or quota does not allow it: {reason}", status=status, retry_after_s=wait_s
            )
        case 403:
            error = ForbiddenError(reason)
        case 404:
            error = NotFoundError(reason)
        case 408 | 425:
            error = TryLaterError(reason, status=status, retry_after_s=wait_s)
        case 429:
            error = BusyError(f"the portal limits our rate: {reason}", retry_after_s=wait_s)
        case _ if status in REDIRECT:
            error = TryLaterError(
                f"{reason}: a redirect, which is not followed; check DOCSPACE_API_HOST (https or http, host name)",
                status=status,
            )
        case _ if status in DECLINED:
            error = RefusedError(reason, status=status)
        case _:
            error = TryLaterError(reason, status=status, retry_after_s=wait_s, maybe_done=status != UNAVAILABLE)
    return error


def unreachable(error: requests.RequestException, route: str, host: str) -> UnreachableError:
    """The error for a request without an answer."""
    if _never_sent(error):
        return UnreachableError(f"the portal {host} cannot be reached for {route}: {_cause(error)}")
    if isinstance(error, requests.Timeout):
        return UnreachableError(f"the portal {host} did not answer {route} in time", maybe_done=True)
    return UnreachableError(f"the connection to {host} broke during {route}: {_cause(error)}", maybe_done=True)


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """The longest wait in seconds that `Retry-After` or `X-Ratelimit-Reset` asks for; None where neither does."""
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


def _said(body: bytes) -> str:
    try:
        fault = msgspec.json.decode(body, type=_Failure).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""  # empty, or a proxy's page
    return " ".join(((fault and fault.message) or "").split())[:QUOTED_CHARS]


def _never_sent(error: requests.RequestException) -> bool:
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
    text = str(reason.args[-1]) if getattr(reason, "args", ()) else type(error).__name__
    return _CONNECTION.sub("", text)[:QUOTED_CHARS]
