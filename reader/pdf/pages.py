"""The words on a PDF's pages."""

from contextlib import closing

import pypdfium2

FIRST_PAGES = 5
# A page in small print has about 10,000.
MAX_CHARACTERS = 40_000


def texts_of(document: pypdfium2.PdfDocument) -> list[str]:
    """A text for each of the first five pages and the last; empty where a page has no words or cannot be read."""
    count = len(document)
    return [_text_of(document, page) for page in sorted({*range(min(count, FIRST_PAGES)), *range(count)[-1:]})]


def _text_of(document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        with closing(document[number]) as page, closing(page.get_textpage()) as text:
            characters = min(text.count_chars(), MAX_CHARACTERS)
            return str(text.get_text_range(0, characters)) if characters > 0 else ""
    except pypdfium2.PdfiumError:
        return ""
