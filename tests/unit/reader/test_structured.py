"""What a structured invoice states is read as it stands, in whichever syntax."""

import pytest

from reader.document import read
from shared.wire.facts import Amounts, Facts, Kind, Party, Source, Unread
from tests.support.invoices.model import Company, Invoice, made
from tests.support.invoices.pdfs import hybrid, locked, printed
from tests.support.invoices.written import as_cii, as_ubl

SEEDS = range(40)


def expected(invoice: Invoice, syntax: str) -> Facts:
    """By the model, and not by what was written."""
    return Facts(
        source=Source.XML,
        syntax=syntax,
        kind=Kind.CREDIT_NOTE if invoice.type_code == "381" else Kind.INVOICE,
        number=invoice.number,
        issued=invoice.issued,
        due=invoice.due,
        terms=invoice.terms,
        currency=invoice.currency,
        amounts=Amounts(
            net=invoice.net, tax=invoice.tax, total=invoice.total, prepaid=invoice.prepaid, payable=invoice.payable
        ),
        supplier=party(invoice.supplier),
        buyer=party(invoice.buyer),
        payee=invoice.payee,
        buyer_reference=invoice.buyer_reference,
        order=invoice.order,
        ibans=invoice.ibans,
        payment_reference=invoice.payment_reference,
    )


def party(company: Company) -> Party:
    return Party(name=company.name, vat_id=company.vat_id, tax_id=company.tax_id, country=company.country)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ubl_and_the_cii_of_one_invoice_give_the_same_facts(seed: int) -> None:
    invoice = made(seed)
    assert read(as_ubl(invoice)) == expected(invoice, "UBL")
    assert read(as_cii(invoice)) == expected(invoice, "CII")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_an_invoice_is_read_in_each_encoding(encoding: str) -> None:
    invoice = made(0)
    text = as_cii(invoice).decode().replace("UTF-8", "ISO-8859-1" if encoding == "iso-8859-1" else encoding[:6])
    assert read(text.encode(encoding, "xmlcharrefreplace")) == expected(invoice, "CII")


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "whatever.xml"])
def test_the_xml_in_a_pdf_is_read_whatever_its_name(name: str) -> None:
    found = read(hybrid(made(1), as_cii(made(1)), name))
    assert (found.source, found.number, found.pages) == (Source.PDF_XML, made(1).number, 1)


def test_of_several_attachments_the_invoice_is_read_before_another_invoice() -> None:
    found = read(hybrid(made(1), as_cii(made(1)), aa_earlier=as_ubl(made(2)), notes=b"<notes/>"))
    assert found.number == made(1).number


def test_an_attachment_that_is_no_invoice_leaves_the_pdf_to_its_words() -> None:
    assert read(hybrid(made(1), b"<order/>")).source is not Source.PDF_XML


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", Unread.UNKNOWN_KIND),
        (b"MZ\x90\x00", Unread.UNKNOWN_KIND),
        (b"<html><body>Invoice</body></html>", Unread.UNKNOWN_KIND),
        (b"<invoice><total>5</total></invoice>", Unread.UNKNOWN_KIND),
        (as_cii(made(3))[:900], Unread.DAMAGED),
        (as_cii(made(3)).replace(b"UTF-8", b"no-such"), Unread.DAMAGED),
        (b"%PDF-1.7 and nothing more", Unread.DAMAGED),
        (locked(printed(["Rechnung"])), Unread.ENCRYPTED),
        (printed([]), Unread.NO_TEXT),
    ],
    ids=["nothing", "program", "page", "other XML", "cut", "no encoding", "no PDF", "locked", "no words"],
)
def test_what_cannot_be_read_says_why(content: bytes, why: Unread) -> None:
    assert read(content).unread is why


def with_doctype(declared: str, used: str = "") -> bytes:
    """What an attack declares, in an invoice that is otherwise right."""
    xml = as_ubl(made(4)).decode()
    head, _, rest = xml.partition("\n")
    return (
        f"{head}\n<!DOCTYPE Invoice [{declared}]>\n{rest.replace(made(4).number, used or made(4).number)}".encode()
    )


LAUGHS = '<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "content",
    [
        with_doctype('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"),
        with_doctype('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">', "&x;"),
        with_doctype('<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;'),
        with_doctype(LAUGHS, "&i;"),
        with_doctype(""),
        b"<Invoice>" * 201 + b"</Invoice>" * 201,
        as_ubl(made(4)) + b" " * 10 * 1024 * 1024,
    ],
    ids=["file", "network", "parameter", "laughs", "empty", "deep", "large"],
)
def test_xml_that_attacks_is_refused(content: bytes) -> None:
    assert read(content) == Facts(unread=Unread.REFUSED_XML)


def test_an_xinclude_includes_nothing() -> None:
    include = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    content = as_ubl(made(4)).decode().replace("</cbc:ID>", f"{include}</cbc:ID>", 1)
    assert read(content.encode()).number == made(4).number


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("1190", "1190.00"),
        (" +5.5 ", "5.50"),
        ("-3.999", "-3.999"),
        ("0.1250", "0.125"),
        ("1,190.00", None),
        ("1e9", None),
    ],
)
def test_amounts_are_told_with_a_point_and_no_digit_is_lost(stated: str, told: str | None) -> None:
    invoice = as_ubl(made(5)).replace(
        f">{made(5).payable}</cbc:PayableAmount".encode(), f">{stated}</cbc:PayableAmount".encode()
    )
    assert read(invoice).amounts.payable == told


def test_of_two_due_dates_none_is_the_due_date() -> None:
    seed = next(seed for seed in SEEDS if made(seed).due and made(seed).type_code != "381")
    twice = b"<cbc:DueDate>2027-01-01</cbc:DueDate><cbc:DueDate>2027-02-02</cbc:DueDate>"
    one = f"<cbc:DueDate>{made(seed).due}</cbc:DueDate>".encode()
    assert read(as_ubl(made(seed)).replace(one, twice)).due is None


def test_texts_have_a_limit_and_no_control_characters() -> None:
    long = "A\u202e\u0085 B" + "x" * 5000
    content = as_cii(made(6)).decode().replace(f">{made(6).number}<", f">{long}<", 1)
    number = read(content.encode()).number
    assert number == "A B" + "x" * 297
