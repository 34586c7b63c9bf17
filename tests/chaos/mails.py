"""What a mail in the mailbox is about."""

import re
from typing import Any
from urllib.parse import unquote

SUBJECT = re.compile(r"[^:]*: (?P<title>.*?)( \(same name as (another file|file [0-9]+)\))?")
LINK = re.compile(r"doceditor\?fileid=([^&\s]+)")


def title_in(mail: dict[str, Any]) -> str:
    """Of the invoice that the mail is about."""
    found = SUBJECT.fullmatch(mail["subject"])
    return found["title"] if found else str(mail["subject"])


def file_in(mail: dict[str, Any]) -> str:
    found = LINK.search(mail["text"])
    return unquote(found[1]) if found else ""
