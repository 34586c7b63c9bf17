"""XML from strangers as a tree of local names: expat with limits, and without all that an invoice does not need."""

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from reader.unreadable import UnreadableError
from shared.wire.facts import Unread

MAX_BYTES = 10_000_000
MAX_DEPTH = 200
# Elements and attributes. The densest of the public invoices would have 294,000 at 10 MB.
MAX_NODES = 500_000
# No fact is longer. What is attached in base64 would else be held a second time.
MAX_TEXT = 8_000

_XINCLUDE = "http://www.w3.org/2001/XInclude"
_NO_INVOICES = ("html", "svg")


@dataclass(frozen=True)
class Vocabulary:
    """Whose names are told without their namespace."""

    namespaces: tuple[str, ...]
    """How they begin."""
    unqualified: bool = False
    """Whether names without a namespace are its own too."""

    def owns(self, namespace: str) -> bool:
        return namespace.startswith(self.namespaces) if namespace else self.unqualified


def parse(content: bytes, vocabulary_of: Callable[[str, str], Vocabulary | None]) -> Element:
    """The root; texts end after `MAX_TEXT` characters.

    `vocabulary_of` is asked once, with the root's namespace and name, before anything else is read. None says that
    such a file is unknown. Names of the vocabulary are local, as `ID`. Others keep their namespace, as `{urn:x}ID`:
    a stranger's element is not taken for the invoice's own. The encoding is what the file declares.
    Raises UnreadableError: `unknown-kind`, `refused-xml` or `damaged`.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableError(Unread.REFUSED_XML)
    building = _Building(vocabulary_of)
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
    def __init__(self, vocabulary_of: Callable[[str, str], Vocabulary | None]) -> None:
        self._vocabulary_of = vocabulary_of
        self._vocabulary: Vocabulary | None = None
        self._tree = TreeBuilder()
        self._tags: list[str] = []
        self._nodes = 0
        self._room = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition("}")
        if self._vocabulary is None:
            self._vocabulary = self._vocabulary_of(namespace, local)
        if self._vocabulary is None:
            raise UnreadableError(Unread.UNKNOWN_KIND)
        self._nodes += 1 + len(attributes)
        if len(self._tags) >= MAX_DEPTH or self._nodes > MAX_NODES or namespace == _XINCLUDE:
            raise UnreadableError(Unread.REFUSED_XML)
        self._room = MAX_TEXT
        self._tags.append(local if self._vocabulary.owns(namespace) else f"{{{name}")
        self._tree.start(self._tags[-1], {name: value[:MAX_TEXT] for name, value in attributes.items()})

    def end(self, _name: str) -> None:
        self._room = 0  # what stands between two elements is no value
        self._tree.end(self._tags.pop())

    def text(self, text: str) -> None:
        if self._room > 0:
            self._tree.data(text[: self._room])
            self._room -= len(text)

    def close(self) -> Element:
        return self._tree.close()
