"""XML from strangers as a tree of local names: expat with limits, and without all that an invoice does not need."""

from collections.abc import Callable
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from reader.unreadable import UnreadableError
from shared.wire.facts import Unread

MAX_BYTES = 10_000_000
MAX_DEPTH = 200
# An invoice of 10 MB has about 300,000.
MAX_NODES = 500_000
# No fact is longer. What is attached in base64 would else be held a second time.
MAX_TEXT = 8_000

_XINCLUDE = "http://www.w3.org/2001/XInclude"
_NO_INVOICES = ("html", "svg")


def parse(content: bytes, known: Callable[[str, str], bool]) -> Element:
    """The root; tags and attributes have no namespace, and texts end after `MAX_TEXT` characters.

    `known` is asked once, with the root's namespace and name, before anything else is read. The encoding is what
    the file declares. Raises UnreadableError: `unknown-kind`, `refused-xml` or `damaged`.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableError(Unread.REFUSED_XML)
    building = _Building(known)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = building.start
    parser.EndElementHandler = building.end
    parser.CharacterDataHandler = building.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(content, True)
    # An encoding that Python does not know is a LookupError, one that expat cannot take a ValueError.
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise UnreadableError(Unread.DAMAGED) from error
    return building.close()


def _refuse_doctype(name: str, *_ids: object) -> None:
    raise UnreadableError(Unread.UNKNOWN_KIND if name.lower() in _NO_INVOICES else Unread.REFUSED_XML)


class _Building:
    def __init__(self, known: Callable[[str, str], bool]) -> None:
        self._known = known
        self._tree = TreeBuilder()
        self._depth = 0
        self._nodes = 0
        self._room = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition("}")
        if not self._depth and not self._known(namespace, tag):
            raise UnreadableError(Unread.UNKNOWN_KIND)
        self._depth += 1
        self._nodes += 1 + len(attributes)
        if self._depth > MAX_DEPTH or self._nodes > MAX_NODES or namespace == _XINCLUDE:
            raise UnreadableError(Unread.REFUSED_XML)
        self._room = MAX_TEXT
        self._tree.start(tag, {name.rpartition("}")[2]: value[:MAX_TEXT] for name, value in attributes.items()})

    def end(self, name: str) -> None:
        self._depth -= 1
        self._room = 0  # what stands between two elements is no value
        self._tree.end(name.rpartition("}")[2])

    def text(self, text: str) -> None:
        if self._room > 0:
            self._tree.data(text[: self._room])
            self._room -= len(text)

    def close(self) -> Element:
        return self._tree.close()
