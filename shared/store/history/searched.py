"""What of an upload is searched, and how a word is looked for in it. Pure."""

import re

from shared.text.outside import storable

SEARCHED_CHARS = 400
"""Of a title, a room's title or a name. DocSpace's titles have 170."""
SHORT_CHARS = 2
"""A word of so many is looked for where a word begins: anywhere would be nearly everywhere, and no index has it."""
_BEGINNING = "^"
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """In any case, on one line."""
    return storable(text).casefold().replace("\n", " ")[:SEARCHED_CHARS]


def searched(title: str | None, room_title: str | None, uploaded_by: str | None) -> str:
    """A line each, and one with what each of their words begins with."""
    lines = [folded(text or "") for text in (title, room_title, uploaded_by)]
    beginnings = dict.fromkeys(word[:SHORT_CHARS] for line in lines for word in _WORD.findall(line))
    return "\n".join([*lines, "".join(_BEGINNING + each for each in beginnings)])


def part_of(word: str) -> str:
    """What `searched` holds wherever the word is found."""
    text = folded(word)
    return text if len(text) > SHORT_CHARS else _BEGINNING + text


def pattern(text: str) -> str:
    """For LIKE, with "/" as its escape: anything with this in it."""
    return "%" + text.replace("/", "//").replace("%", "/%").replace("_", "/_") + "%"
