"""A PDF gives the invoice that is inside it, else its words."""

import pytest

from reader import words
from reader.document import read
from shared.wire.facts import Facts, Source, Unread
from tests.support.invoices.invoice import Invoice
from tests.support.invoices.printed import Attached, printed
from tests.support.invoices.written import as_cii, as_ubl, as_zugferd_1

CII = as_cii(Invoice(number="in XML"))


def found(*attached: Attached) -> tuple[Source, str | None]:
    facts = read(printed("Invoice", "page two", attached=attached))
    assert facts.pages == 2
    return facts.source, facts.number


def judged_pages(monkeypatch: pytest.MonkeyPatch, facts: Facts) -> list[str]:
    """Fills with the pages whose words are judged; the judgement is `facts`."""
    seen: list[str] = []

    def facts_of(pages: list[str]) -> Facts:
        seen.extend(page.strip() for page in pages)
        return facts

    monkeypatch.setattr(words, "facts_of", facts_of)
    return seen


@pytest.mark.parametrize(
    "name",
    ["factur-x.xml", "zugferd-invoice.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "Rechnung 17 ü.xml", "x.bin"],
)
@pytest.mark.parametrize("relationship", ["Alternative", "Data", "Unspecified", None])
def test_attached_xml_is_read_whatever_its_name(name: str, relationship: str | None) -> None:
    assert found(Attached(name, CII, relationship)) == (Source.PDF_XML, "in XML")


def test_every_syntax_is_read_inside_a_pdf() -> None:
    for write in (as_ubl, as_zugferd_1):
        assert found(Attached("a.xml", write(Invoice(number="n")))) == (Source.PDF_XML, "n")


def test_the_name_goes_before_the_relationship_and_both_before_the_order() -> None:
    others = [as_cii(Invoice(number=number)) for number in ("first", "by relationship")]
    first, related = Attached("a.xml", others[0], "Supplement"), Attached("b.xml", others[1], "Alternative")
    assert found(first, related) == (Source.PDF_XML, "by relationship")
    assert found(first, related, Attached("factur-x.xml", CII, None)) == (Source.PDF_XML, "in XML")


def test_other_attachments_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [
        Attached("order-x.xml", b"<Order/>"),
        Attached("logo.png", b"\x89PNG"),
        Attached("bad.xml", CII[:900]),
    ]
    assert found(*others, Attached("xrechnung.xml", CII)) == (Source.PDF_XML, "in XML")
    seen = judged_pages(monkeypatch, Facts())
    assert found(*others) == (Source.NONE, None)
    assert seen == ["Invoice", "page two"]


def test_a_draft_that_nobody_knows_leaves_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ZUGFeRD's release candidate of 2014, which has the name of an invoice and a root of its own."""
    seen = judged_pages(monkeypatch, Facts(number="by words"))
    assert found(Attached("ZUGFeRD-invoice.xml", b"<Invoice/>")) == (Source.NONE, "by words")
    assert seen == ["Invoice", "page two"]


def test_an_invoice_that_cannot_be_read_is_not_replaced_by_words() -> None:
    assert read(printed("Invoice", attached=[Attached("factur-x.xml", CII[:900])])).unread is Unread.DAMAGED
    hostile = CII.replace(b"?>", b"?><!DOCTYPE x [<!ENTITY e 'x'>]>", 1)
    facts = read(printed("Invoice", attached=[Attached("factur-x.xml", hostile)]))
    assert (facts.unread, facts.pages) == (Unread.REFUSED_XML, 1)
    huge = CII + b" " * 10_000_001
    assert read(printed("Invoice", attached=[Attached("factur-x.xml", huge)])).unread is Unread.REFUSED_XML


def test_five_pages_and_the_last_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = judged_pages(monkeypatch, Facts(number="by words"))
    facts = read(printed(*(f"page {number}" for number in range(1, 10))))
    assert (facts.number, facts.pages) == ("by words", 9)
    assert seen == [f"page {number}" for number in (1, 2, 3, 4, 5, 9)]


def test_pages_without_words_have_no_text() -> None:
    facts = read(printed("", ""))
    assert (facts.unread, facts.pages) == (Unread.NO_TEXT, 2)


def test_a_password_is_said() -> None:
    assert read(printed("Invoice", attached=[Attached("factur-x.xml", CII)], password="secret")).unread is (
        Unread.ENCRYPTED
    )


def test_an_owners_password_alone_keeps_nobody_from_reading() -> None:
    facts = read(printed("Invoice", attached=[Attached("factur-x.xml", CII)], password="", owner="secret"))
    assert (facts.source, facts.number) == (Source.PDF_XML, "in XML")


def test_a_pdf_may_begin_after_other_bytes() -> None:
    assert read(b"\r\n" * 10 + printed("x", attached=[Attached("factur-x.xml", CII)])).source is Source.PDF_XML


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\xff" * 5_000])
def test_what_is_no_whole_pdf_is_damaged(content: bytes) -> None:
    assert read(content).unread is Unread.DAMAGED


def test_a_pdf_that_was_cut_never_raises() -> None:
    whole = printed("Invoice", attached=[Attached("factur-x.xml", CII)])
    for end in range(10, len(whole), 211):
        assert read(whole[:end]).number in (None, "in XML")
