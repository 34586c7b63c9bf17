"""Text from outside on a page: on one line, without what turns it round, and no longer than a page bears. Pure.

Escaping is the templates' own.
"""

from shared.text.outside import MARK, one_line

CHARS = 160
"""Of a title; a sentence is given more."""


def shown(text: str, most: int = CHARS) -> str:
    line = one_line(text)
    return line if len(line) <= most else line[: most - len(MARK)] + MARK
