"""Reads one file: what it is, by its bytes, and the facts in it. Pure: no network, no file, no clock."""

from reader import structured
from reader.pdf import file as pdf
from shared.wire.facts import Facts, Unread

PDF_WITHIN = 1024
"""A PDF's header stands within so many bytes of the start: what readers of PDFs accept."""


def read(content: bytes) -> Facts:
    """The facts in `content`; never raises for what it holds: `unread` says why there are none."""
    if b"%PDF-" in content[:PDF_WITHIN]:
        return pdf.read(content)
    if structured.looks_like_xml(content):
        return structured.read(content)
    return Facts(unread=Unread.UNKNOWN_KIND)
