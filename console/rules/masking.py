"""A rules file as it may be shown: of each channel's URL the scheme alone, all else and the comments as written.

Pure.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://[^\s\"']*")
_MASKED = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://…")
HIDDEN = "# Not shown: a channel's URL is written in a way that cannot be masked.\n"


def masked(text: str) -> str:
    """Of a text that is TOML. Addresses of the portal's pages are masked too: a channel may be any `https://`."""
    shown = URL.sub(r"\1://…", text)
    return shown if all(map(_MASKED.fullmatch, _notified(shown))) else HIDDEN


def _notified(text: str) -> Iterator[str]:
    """As a program reads them: an escape may spell any part of one."""
    try:
        read: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError):
        yield "unreadable"
        return
    for rule in _tables(read.get("rule")):
        yield from map(str, rule.get("notify", ()))
    for endpoint in _tables(read.get("endpoint")):
        yield str(endpoint.get("url", "x://…"))


def _tables(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
