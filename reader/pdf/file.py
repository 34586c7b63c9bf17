"""A PDF: the structured invoice inside it, else the words on its pages. PDFium reads it, from memory."""

from contextlib import closing

import msgspec
import pypdfium2
from pypdfium2 import raw

from reader import words
from reader.pdf.attachments import invoice_in
from reader.pdf.pages import texts_of
from reader.unreadable import UnreadableError
from shared.wire.facts import Facts, Source, Unread


def facts_of_pdf(content: bytes) -> Facts:
    """The facts with source and pages. Raises UnreadableError if it cannot be opened: `encrypted` or `damaged`.

    A PDF that only its owner's password restricts opens without one.
    """
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise UnreadableError(Unread.ENCRYPTED if locked else Unread.DAMAGED) from error
    with closing(document):
        return msgspec.structs.replace(_facts_of(document), pages=len(document))


def _facts_of(document: pypdfium2.PdfDocument) -> Facts:
    try:
        stated = invoice_in(document)
    except UnreadableError as error:
        return Facts(unread=error.unread)
    if stated is not None:
        return msgspec.structs.replace(stated, source=Source.PDF_XML)
    texts = texts_of(document)
    return words.facts_of(texts) if any(text.strip() for text in texts) else Facts(unread=Unread.NO_TEXT)
