"""Reads a PDF: the structured invoice inside, else the words on its pages. PDFium opens it, no part of ours."""

from collections.abc import Iterator

import msgspec
import pypdfium2 as pdfium
from pypdfium2 import raw

from reader import structured, words
from reader.xml import MOST_BYTES
from shared.wire.facts import Facts, Source, Unread

FIRST_PAGES = 5
"""And the last one: an invoice says what it is at its beginning, and what is to be paid at either end."""
MOST_CHARS = 200_000
MOST_ATTACHMENTS = 20
NAMES = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml")
"""As the standards name the invoice. Others are looked at after it: a bare name decides nothing, the root does."""


def read(content: bytes) -> Facts:
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        is_locked = error.err_code == raw.FPDF_ERR_PASSWORD
        return Facts(unread=Unread.ENCRYPTED if is_locked else Unread.DAMAGED)
    with document:
        try:
            pages = len(document)
            found = _structured(document) or _of_words(document)
        except pdfium.PdfiumError:
            return Facts(unread=Unread.DAMAGED)
    return msgspec.structs.replace(found, pages=pages or None)


def _structured(document: pdfium.PdfDocument) -> Facts | None:
    """None: no attachment is an invoice of a known syntax. If one is, and cannot be read, that is told."""
    refused = None
    for attached in _attached(document):
        found = structured.read(attached)
        if found.number:
            return msgspec.structs.replace(found, source=Source.PDF_XML)
        if found.unread is Unread.REFUSED_XML:
            refused = found
    return refused


def _attached(document: pdfium.PdfDocument) -> Iterator[bytes]:
    """The invoice's own first. Of equal names the last: an update of a PDF is written behind the rest."""
    count = min(document.count_attachments(), MOST_ATTACHMENTS)
    attachments = [document.get_attachment(at) for at in reversed(range(count))]
    for attachment in sorted(attachments, key=lambda one: one.get_name().lower() not in NAMES):
        try:
            data = bytes(attachment.get_data())
        except pdfium.PdfiumError:
            continue
        if len(data) <= MOST_BYTES and structured.looks_like_xml(data):
            yield data


def _of_words(document: pdfium.PdfDocument) -> Facts:
    texts: list[str] = []
    for number in _numbers(len(document)):
        page = document[number]
        texts.append(page.get_textpage().get_text_range()[:MOST_CHARS])
    return words.facts_of(texts)


def _numbers(pages: int) -> list[int]:
    first = list(range(min(pages, FIRST_PAGES)))
    return first if pages <= FIRST_PAGES else [*first, pages - 1]
