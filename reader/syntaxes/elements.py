"""What is at a path below an element. All syntaxes look with these."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element


def texts(root: Element, path: str) -> list[str]:
    return [found.text or "" for found in root.iterfind(path)]


def first(root: Element, *paths: str) -> str | None:
    """The text at the first of these paths that has one."""
    for path in paths:
        for found in root.iterfind(path):
            if found.text and found.text.strip():
                return found.text
    return None


def only(values: Iterable[str | None]) -> str | None:
    """The one value, where all that are stated agree: of two due dates none is the due date."""
    found = {value for value in values if value is not None}
    return found.pop() if len(found) == 1 else None
