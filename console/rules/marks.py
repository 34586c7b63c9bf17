"""A rules file as a person edits it on a page: each URL is a numbered mark, which stands for that URL.

A mark may be moved, repeated or taken out; what is written instead of it is a new URL. Pure.
"""

import re

from console.rules.masking import HIDDEN, URL, masked

_MARK = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://…(\d{1,6})")
SIGN = "…"


def marked(text: str) -> str | None:
    """`slack://…1` for the first URL of it. None where a channel's URL is written so that it cannot be masked."""
    if masked(text) == HIDDEN:
        return None
    urls = _urls(text)
    return URL.sub(lambda found: f"{found[1]}://{SIGN}{urls.index(found[0]) + 1}", text)


def unmarked(text: str, before: str) -> tuple[str, tuple[str, ...]]:
    """The text with the URLs that the marks stand for in the text `before`; and what is wrong, a sentence each."""
    urls, faults = _urls(before), []

    def url(found: re.Match[str]) -> str:
        if SIGN not in found[0]:
            return found[0]
        mark = _MARK.fullmatch(found[0])
        number = int(mark[2]) if mark else 0
        if mark and 0 < number <= len(urls) and urls[number - 1].startswith(f"{mark[1]}://"):
            return urls[number - 1]
        line = text.count("\n", 0, found.start()) + 1
        faults.append(
            f"line {line}: {found[1]}://{SIGN} stands for no URL that was there: "
            "leave a mark as it was, or write the whole URL"
        )
        return found[0]

    return URL.sub(url, text), tuple(faults)


def _urls(text: str) -> list[str]:
    return list(dict.fromkeys(found[0] for found in URL.finditer(text)))
