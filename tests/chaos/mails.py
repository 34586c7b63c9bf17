"""What a mail in the mailbox is about: one invoice, or several."""

import re
from typing import Any
from urllib.parse import unquote

SUBJECT = re.compile(r"[^:]*: (?P<title>.*?)( \(same name as (another file|file [0-9]+)\))?")
LINK = re.compile(r"doceditor\?fileid=([^&\s]+)")
NAMED = re.compile(r"^(?P<title>\S.*)\n(?:  .*\n)*?  \S+doceditor\?fileid=(?P<file>[^&\s]+)", re.MULTILINE)
"""One of several, with what stands below it."""


def named_in(mail: dict[str, Any]) -> list[tuple[str, str]]:
    """The file and the title of each invoice, as often as the mail names it."""
    several = [(unquote(found["file"]), found["title"]) for found in NAMED.finditer(mail["text"].replace("\r", ""))]
    return several or [(file_in(mail), title_in(mail))]


def title_in(mail: dict[str, Any]) -> str:
    """Of the invoice that the mail is about."""
    found = SUBJECT.fullmatch(mail["subject"])
    return found["title"] if found else str(mail["subject"])


def file_in(mail: dict[str, Any]) -> str:
    found = LINK.search(mail["text"])
    return unquote(found[1]) if found else ""
