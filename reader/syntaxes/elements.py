"""A value at the first of some paths that states it. Paths are those of ElementTree, with local names."""

from collections.abc import Callable, Iterable, Iterator
from xml.etree.ElementTree import Element

from reader.syntaxes import values


def texts(root: Element, paths: Iterable[str]) -> Iterator[str]:
    """Every text at the paths, in the order of the paths and of the file."""
    return (each.text for path in paths for each in root.iterfind(path) if each.text)


def first(root: Element, paths: Iterable[str], form: Callable[[str], str | None]) -> str | None:
    return next(filter(None, map(form, texts(root, paths))), None)


def name(root: Element, *paths: str) -> str | None:
    return first(root, paths, lambda text: values.line(text, values.MAX_NAME))


def identifier(root: Element, *paths: str) -> str | None:
    return first(root, paths, lambda text: values.line(text, values.MAX_ID))


def day(root: Element, *paths: str) -> str | None:
    return first(root, paths, values.day)


def amount(root: Element, *paths: str) -> str | None:
    return first(root, paths, values.amount)


def only_amount(root: Element, path: str) -> str | None:
    """The amount at `path`, if it stands there once: of several none is the document's."""
    found = root.findall(path)
    return values.amount(found[0].text) if len(found) == 1 else None


def country(root: Element, *paths: str) -> str | None:
    return first(root, paths, lambda text: values.code(text, 2))


def currency(root: Element, *paths: str) -> str | None:
    return first(root, paths, lambda text: values.code(text, 3))


def ibans(root: Element, *paths: str) -> tuple[str, ...]:
    """Each account once."""
    return tuple(dict.fromkeys(filter(None, map(values.iban, texts(root, paths)))))[: values.MAX_IBANS]


def joined(root: Element, *paths: str) -> str | None:
    """The parts of a person's name, with blanks between."""
    return values.line(" ".join(filter(None, (root.findtext(path) for path in paths))), values.MAX_NAME)
