"""Portal ids as people write and paste them: understood, or refused with a sentence; never another id in silence.

The portal's own are numbers; those of third-party storage are texts, which are taken as they are. Pure.
"""

import re
import unicodedata
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from shared.wire.events import EntryId

Kind = Literal["folder", "file"]
"""What the id is wanted of; a room is a folder."""

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_THIRD_PARTY = re.compile(r"[a-z]+-[0-9]+(-.*)?", re.IGNORECASE | re.DOTALL)
"""Such as `sbox-12-|Invoices|May`: what follows the account may hold any character."""
_SCHEME = re.compile(r"[a-z]+://", re.IGNORECASE)

IN_PATH: dict[Kind, re.Pattern[str]] = {
    "file": re.compile(r"/(?:media/view|files/file)/([^/]+)"),
    "folder": re.compile(r"/(?:rooms/[a-z]+|files/folder|files/rooms)/(?!filter$)([^/]+)"),
}
IN_QUERY: dict[Kind, str] = {"file": "fileid", "folder": "folder"}
"""Where the portal's pages have the ids: `/rooms/shared/86190/filter?folder=86193`, `/doceditor?fileId=748301`,
`/rooms/shared/86190/media/view/748301`."""


def entry_id(value: object, wanted: Kind = "folder") -> EntryId:
    """The id as the portal's API takes it: a number wherever it looks like one; out of an address of the portal's
    pages the one that it names. ValueError, as the end of a sentence, if there is none or not one of that kind.
    """
    if isinstance(value, str):
        text = _trimmed(value)
        value = _in_address(text, wanted) if is_address(text) else _plain(text)
    if isinstance(value, int) and not isinstance(value, bool):
        if 0 < value < 10**18:
            return value
    elif isinstance(value, str) and value:
        return value
    raise ValueError("is not an id: a whole number above 0, or a text for third-party storage")


def id_text(value: EntryId) -> str:
    """The id as one text, so that 86190, "86190" and " 86190 " compare equal."""
    text = str(value).strip()
    return str(int(text)) if _NUMBER.fullmatch(text) else text


def is_address(text: str) -> bool:
    """Of a page, whole or from its path on."""
    text = _trimmed(text)
    return bool(_SCHEME.match(text)) or ("/" in text and not _THIRD_PARTY.fullmatch(text))


def _trimmed(text: str) -> str:
    """Without the white space, line ends and invisible characters that are copied along at either end.

    The end of a path may be such a character: of third-party storage's ids only white space is taken.
    """
    if _THIRD_PARTY.fullmatch(text.strip()):
        return text.strip()
    start, end = 0, len(text)
    while start < end and _is_unseen(text[start]):
        start += 1
    while end > start and _is_unseen(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_unseen(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in {"Cc", "Cf"}


def _plain(text: str) -> EntryId:
    shown = "".join(char for char in text if unicodedata.category(char) != "Cf")
    digits = "".join(str(unicodedata.decimal(char, char)) for char in shown)
    if _NUMBER.fullmatch(digits):
        return int(digits)
    if _THIRD_PARTY.fullmatch(text):
        return text
    if not any(char.isalpha() for char in text) or not text.isprintable():
        return ""
    return text


def _in_address(text: str, wanted: Kind) -> EntryId:
    found = {kind: _ids_in(text, kind) for kind in IN_PATH}
    if wanted == "folder" and found["file"]:
        raise ValueError("is the address of a file: give that of the room or folder")
    if not found[wanted]:
        what = "file" if wanted == "file" else "room or folder"
        of = " but of a folder" if wanted == "file" and found["folder"] else ""
        raise ValueError(f"is an address that names no {what}{of}: give the id, the number in the address")
    if len(found[wanted]) > 1:
        raise ValueError(
            f"is an address that names several, {' and '.join(found[wanted])}: give the id that is meant"
        )
    return _plain(next(iter(found[wanted])))


def _ids_in(text: str, kind: Kind) -> dict[str, None]:
    """Each once."""
    try:
        parts = urlsplit(text if _SCHEME.match(text) else f"https://portal/{text.partition('/')[2]}")
    except ValueError:
        return {}
    in_path = [unquote(part) for part in IN_PATH[kind].findall(parts.path)]
    pairs = parse_qsl(parts.query)
    return dict.fromkeys(in_path + [value for name, value in pairs if name.lower() == IN_QUERY[kind]])
