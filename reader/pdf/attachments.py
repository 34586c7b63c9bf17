"""The structured invoice among a PDF's attachments: by name, by relationship (PDF/A-3), then by its root."""

from collections.abc import Callable, Iterator
from ctypes import byref, c_ulong, c_ushort, create_string_buffer
from dataclasses import dataclass
from typing import Any

import pypdfium2
from pypdfium2 import raw

from reader.syntaxes.table import facts_of_xml
from reader.unreadable import UnreadableError
from reader.xml_tree import MAX_BYTES
from shared.wire.facts import Facts, Unread

MAX_ATTACHMENTS = 50
_INVOICES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
_RELATIONSHIPS = ("Alternative", "Data", "Source")
_MAX_NAME_BYTES = 1_000


@dataclass(frozen=True)
class Attachment:
    handle: Any
    name: str
    relationship: str
    """AFRelationship, as `Alternative`; empty where the PDF does not say."""

    @property
    def is_named_as_invoice(self) -> bool:
        return self.name.lower() in _INVOICES

    @property
    def rank(self) -> tuple[bool, bool]:
        """Those that sort first are tried first."""
        return not self.is_named_as_invoice, self.relationship not in _RELATIONSHIPS


def invoice_in(document: pypdfium2.PdfDocument) -> Facts | None:
    """The facts of the first attachment that is an invoice, or None.

    Raises UnreadableError if an attachment has an invoice's name and is damaged or refused. Others are passed over.
    """
    for attachment in sorted(_attachments(document), key=lambda each: each.rank):
        try:
            return facts_of_xml(_content_of(attachment.handle))
        except UnreadableError as error:
            if attachment.is_named_as_invoice and error.unread is not Unread.UNKNOWN_KIND:
                raise
    return None


def _attachments(document: pypdfium2.PdfDocument) -> Iterator[Attachment]:
    for index in range(min(raw.FPDFDoc_GetAttachmentCount(document), MAX_ATTACHMENTS)):
        handle = raw.FPDFDoc_GetAttachment(document, index)
        if handle:
            yield Attachment(
                handle,
                name=_text(raw.FPDFAttachment_GetName, handle),
                relationship=_text(raw.FPDFAttachment_GetAFRelationship, handle),
            )


def _text(call: Callable[..., int], handle: Any) -> str:
    size_bytes = call(handle, None, 0)
    if size_bytes > _MAX_NAME_BYTES:
        return ""
    buffer = (c_ushort * (size_bytes // 2 + 1))()
    call(handle, buffer, size_bytes)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")


def _content_of(handle: Any) -> bytes:
    size = c_ulong()
    if not raw.FPDFAttachment_GetFile(handle, None, 0, byref(size)):
        raise UnreadableError(Unread.DAMAGED)
    if size.value > MAX_BYTES:
        raise UnreadableError(Unread.REFUSED_XML)
    buffer = create_string_buffer(size.value)
    if not raw.FPDFAttachment_GetFile(handle, buffer, size, byref(size)):
        raise UnreadableError(Unread.DAMAGED)
    return buffer.raw[: size.value]
