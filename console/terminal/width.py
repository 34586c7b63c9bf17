"""Text in columns: how wide it is on a terminal, cut, padded, and broken between words."""

import shutil
import unicodedata
from collections.abc import Iterator

from shared.text.outside import MARK

LEAST_COLUMNS = 60
"""A narrower terminal folds the lines by itself."""
_LOOK_BACK = 12
"""A sentence is cut between two words where the last of them begins within so many columns."""


def columns() -> int:
    """Of the terminal; in a pipe of COLUMNS, else 80."""
    return max(LEAST_COLUMNS, shutil.get_terminal_size().columns)


def width(text: str) -> int:
    """In columns; what East Asia writes takes two, and a mark on a letter none."""
    if text.isascii():
        return len(text)
    return sum(map(_char_width, text))


def fit(text: str, columns: int, *, words: bool = False) -> str:
    """Cut to so many columns, with a mark where something was left out; `words`: between two words if possible."""
    if width(text) <= columns:
        return text
    room = columns - width(MARK)
    kept = _beginning(text, room)
    if words:
        whole = kept.rpartition(" ")[0]
        if whole and room - width(whole) <= _LOOK_BACK:
            kept = whole
    return kept.rstrip() + MARK if columns > 0 else ""


def pad(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int) -> Iterator[str]:
    """Lines of whole words. A word that is longer than a line stands on one of its own: half an id is none."""
    line = ""
    for word in text.split():
        if line and width(line) + 1 + width(word) > columns:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line:
        yield line


def _beginning(text: str, columns: int) -> str:
    taken = 0
    for place, char in enumerate(text):
        taken += _char_width(char)
        if taken > columns:
            return text[:place]
    return text


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
