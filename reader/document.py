"""Reads one file: what it is, by its bytes, and the facts in it. Pure: no network, no file, no clock."""

import codecs
from hashlib import sha256

import msgspec

from reader.pdf.file import facts_of_pdf
from reader.syntaxes.table import facts_of_xml
from reader.unreadable import UnreadableError
from shared.wire.facts import Facts, Source, Unread

MAX_BYTES = 25_000_000
# Acrobat asks for the mark in the first 1,024 bytes (PDF Reference 1.7, appendix H, note 13), and files rely on it.
_PDF_MARK_WITHIN = 1_024
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(content: bytes) -> Facts:
    """The facts in `content`; never raises for what it holds: `unread` says why there are none."""
    try:
        facts = _facts_of(content)
    except UnreadableError as error:
        facts = Facts(unread=error.unread)
    return msgspec.structs.replace(facts, sha256=sha256(content).hexdigest())


def _facts_of(content: bytes) -> Facts:
    if len(content) > MAX_BYTES:
        raise UnreadableError(Unread.TOO_LARGE)
    if _begins_as_xml(content):
        return msgspec.structs.replace(facts_of_xml(content), source=Source.XML)
    if b"%PDF-" in content[:_PDF_MARK_WITHIN]:
        return facts_of_pdf(content)
    raise UnreadableError(Unread.UNKNOWN_KIND)


def _begins_as_xml(content: bytes) -> bool:
    """Whether the first sign is `<`, in whatever encoding XML may have."""
    start = content[:_PDF_MARK_WITHIN]
    for mark in _MARKS:
        start = start.removeprefix(mark)
    return start.lstrip(b"\0\t\n\r ").startswith(b"<")
