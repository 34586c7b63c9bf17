"""Reads XML from strangers into elements without namespaces, and refuses what no invoice needs.

A document type is refused as a whole: so no entity is defined, nothing is fetched, and nothing grows. An XInclude
is an element that nobody looks at.
"""

from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MOST_BYTES = 10 * 1024 * 1024
MOST_DEPTH = 200
MOST_ELEMENTS = 500_000
"""An invoice of 5,000 lines has about 300,000."""


class RefusedXmlError(Exception):
    """It holds what an attack needs and an invoice does not."""


class DamagedXmlError(Exception):
    """It is no well-formed XML."""


def parsed(content: bytes) -> tuple[str, Element]:
    """The namespace of the root element, and the root, with all names as they are without a namespace."""
    if len(content) > MOST_BYTES:
        raise RefusedXmlError("larger than any invoice")
    building = _Building()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = building.start
    parser.EndElementHandler = building.end
    parser.CharacterDataHandler = building.data
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: of an encoding that nobody knows
        raise DamagedXmlError(str(error)) from error
    return building.namespace, building.root()


def _refuse(*_: object) -> NoReturn:
    raise RefusedXmlError("it has a document type")


class _Building:
    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._depth = self._elements = 0
        self.namespace = ""
        self.root = self._builder.close
        self.data = self._builder.data

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MOST_DEPTH or self._elements > MOST_ELEMENTS:
            raise RefusedXmlError("more or deeper elements than any invoice has")
        namespace, _, local = name.rpartition(" ")
        if self._elements == 1:
            self.namespace = namespace
        self._builder.start(local, attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(name.rpartition(" ")[2])
