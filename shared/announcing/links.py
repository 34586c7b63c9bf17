"""The links of a message: what a person may safely click on, and what such a link opens. Pure."""

import re
from urllib.parse import parse_qs, urlsplit

_SAFE = re.compile(r"https?://[^\s\x00-\x20\x7f\"<>]+")
_VERSION = re.compile(r"(?<=[?&])version=\d*(&|$)", re.IGNORECASE)
DOWNLOAD = "filehandler.ashx"
"""The end of the portal's address of a file that no page shows. Who is not signed in gets an empty page there."""


def link(url: str | None) -> str:
    """The URL if a person may safely click on it, else nothing."""
    return url if url and _SAFE.fullmatch(url) else ""


def newest(url: str) -> str:
    """The file's address without the version that the portal adds: the link of an old mail opens what is there now.

    Source: GetFileWebEditorUrl in FilesLinkUtility.cs, which leaves the version out for the newest.
    """
    return _VERSION.sub("", url).rstrip("?&")


def is_download(url: str) -> bool:
    """Whether it opens no page, as the portal cannot show a file of that type."""
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    return address.path.lower().endswith(DOWNLOAD) and "download" in parse_qs(address.query.lower()).get(
        "action", []
    )
