"""PDFs of the tests: pages by reportlab, with attachments and passwords by pypdf."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pypdf
from pypdf.generic import NameObject
from reportlab.pdfgen.canvas import Canvas


@dataclass(frozen=True)
class Attached:
    name: str
    content: bytes
    relationship: str | None = "Alternative"


def printed(*pages: str, attached: Sequence[Attached] = (), password: str | None = None, owner: str = "") -> bytes:
    """A page for each text; an empty text gives a page with a drawing and no words."""
    paper = io.BytesIO()
    canvas = Canvas(paper)
    for text in pages:
        if text:
            canvas.drawString(50, 700, text)
        else:
            canvas.rect(50, 50, 200, 200)
        canvas.showPage()
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(paper.getvalue()))
    for each in attached:
        embedded = writer.add_attachment(each.name, each.content)
        if each.relationship:
            embedded.pdf_object[NameObject("/AFRelationship")] = NameObject(f"/{each.relationship}")
    if password is not None:
        writer.encrypt(password, owner or "owner", algorithm="AES-256")
    whole = io.BytesIO()
    writer.write(whole)
    return whole.getvalue()
