"""The tests' invoices as PDFs: printed by reportlab, XML attached and passwords set by pypdf."""

import io
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from tests.support.invoices.model import Invoice


def printed(*pages: Sequence[str]) -> bytes:
    """A page of these lines each."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(60, 780 - 15 * number, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def lines_of(invoice: Invoice) -> list[str]:
    return [
        invoice.supplier.name.encode("latin-1", "replace").decode("latin-1"),
        f"Rechnung {invoice.number}",
        f"Datum {invoice.issued}",
        f"Netto {invoice.net} {invoice.currency}",
        f"Gesamt {invoice.payable} {invoice.currency}",
        *(f"IBAN {iban}" for iban in invoice.ibans),
    ]


def hybrid(invoice: Invoice, xml: bytes, name: str = "factur-x.xml", **others: bytes) -> bytes:
    """A PDF with XML attached; `others` are further attachments, by their names without `.xml`."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(printed(lines_of(invoice)))))
    writer.add_attachment(name, xml)
    for other, data in others.items():
        writer.add_attachment(f"{other}.xml", data)
    return _written(writer)


def locked(pdf: bytes, password: str = "secret") -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.encrypt(password)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()
