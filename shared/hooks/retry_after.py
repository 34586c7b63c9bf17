"""Reads `Retry-After` (RFC 9110, 10.2.3): a number of seconds, or a date. Pure."""

import re
from email.utils import parsedate_to_datetime

LONGEST_S = 3_600.0
"""The longest wait that is kept to: a receiver that is back sooner is told sooner."""
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


def seconds(value: str | None, now: float) -> float | None:
    """From `now`, at most LONGEST_S. None where it says nothing, or nothing that can be read."""
    if value is None:
        return None
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_S)
    try:
        at = parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return min(max(at - now, 0.0), LONGEST_S)
