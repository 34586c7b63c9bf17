"""One invoice gives the same facts in every syntax of EN 16931: those of its model."""

import msgspec
import pytest

from reader.document import read
from shared.wire.facts import Facts, Kind, Source
from tests.support.invoices.invoice import Invoice, Who, invoices
from tests.support.invoices.written import as_cii, as_ubl, as_zugferd_1

INVOICES = invoices(40, seed=16931)


def told_of(content: bytes) -> Facts:
    """What is the same in every syntax."""
    facts = read(content)
    assert (facts.source, facts.unread) == (Source.XML, None)
    return msgspec.structs.replace(facts, syntax=None, sha256=None)


def check(facts: Facts, invoice: Invoice) -> None:
    assert facts.kind is (Kind.CREDIT_NOTE if invoice.is_credit_note else Kind.INVOICE)
    assert (facts.number, facts.issued, facts.due) == (invoice.number, invoice.issued, invoice.due)
    assert (facts.terms, facts.currency, facts.payee) == (invoice.terms, invoice.currency, invoice.payee)
    amounts = [invoice.net, invoice.tax, invoice.total, invoice.prepaid, invoice.payable]
    expected = [None if each is None else f"{each:.2f}" for each in amounts]
    assert list(msgspec.structs.astuple(facts.amounts)) == expected
    for party, who in ((facts.supplier, invoice.supplier), (facts.buyer, invoice.buyer)):
        assert Who(party.name or "", party.country, party.vat_id, party.tax_id, who.trade_name) == who
    assert (facts.buyer_reference, facts.order) == (invoice.buyer_reference, invoice.order)
    assert facts.ibans == invoice.ibans
    assert facts.payment_reference == invoice.payment_reference


@pytest.mark.parametrize("invoice", INVOICES, ids=lambda invoice: invoice.number)
def test_the_facts_are_the_models_in_ubl_and_cii(invoice: Invoice) -> None:
    ubl, cii = told_of(as_ubl(invoice)), told_of(as_cii(invoice))
    check(ubl, invoice)
    assert ubl == cii


@pytest.mark.parametrize("invoice", INVOICES, ids=lambda invoice: invoice.number)
def test_zugferd_1_gives_the_same_facts(invoice: Invoice) -> None:
    check(told_of(as_zugferd_1(invoice)), invoice)


def test_each_syntax_is_named() -> None:
    assert [read(write(Invoice())).syntax for write in (as_ubl, as_cii, as_zugferd_1)] == [
        "UBL",
        "CII",
        "ZUGFeRD 1",
    ]


def test_the_models_are_of_every_sort() -> None:
    """Else the comparison above would say little."""
    for each in ("due", "terms", "prepaid", "payee", "order", "tax_in_seller_currency", "payment_reference"):
        assert 8 < sum(getattr(invoice, each) is None for invoice in INVOICES) < 32
    assert 8 < sum(invoice.is_credit_note for invoice in INVOICES) < 32


@pytest.mark.parametrize(("write", "own"), [(as_cii, "ram:"), (as_ubl, "cbc:")])
def test_a_strangers_element_is_not_the_invoices_own(write, own: str) -> None:
    text = write(Invoice()).decode()
    real = f"<{own}ID>R-2026/117"
    assert real in text
    for stranger in (f'<x:ID xmlns:x="urn:x">forged</x:ID>{real}', f'<ID xmlns="">forged</ID>{real}'):
        assert read(text.replace(real, stranger).encode()).number == "R-2026/117"


def test_a_number_of_an_unknown_scheme_is_neither_vat_id_nor_tax_id() -> None:
    supplier = read(as_cii(Invoice()).replace(b'schemeID="VA"', b'schemeID="XX"')).supplier
    assert (supplier.name, supplier.vat_id, supplier.tax_id) == ("Müller & Söhne GmbH", None, None)


@pytest.mark.parametrize("write", [as_cii, as_ubl])
def test_a_local_tax_number_is_the_sellers_alone(write) -> None:
    """EN 16931 has BT-32 for the seller, and nothing like it for the buyer."""
    facts = read(write(Invoice(supplier=Who("A", tax_id="04/1"), buyer=Who("B", tax_id="04/2"))))
    assert (facts.supplier.tax_id, facts.buyer.tax_id) == ("04/1", None)


def test_an_amount_in_another_currency_is_not_taken() -> None:
    total = b'<cbc:TaxInclusiveAmount currencyID="EUR">'
    other = as_ubl(Invoice()).replace(total, total.replace(b"EUR", b"USD"))
    assert (read(other).amounts.total, read(other).amounts.net) == (None, "1000.00")


def test_without_a_currency_the_only_amount_is_taken() -> None:
    amounts = read(
        as_ubl(Invoice()).replace(b"<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>", b"")
    ).amounts
    assert (amounts.total, amounts.tax) == ("1190.00", "190.00")


def test_pro_forma_is_neither_invoice_nor_credit_note() -> None:
    facts = read(as_cii(Invoice(type_code="325")))
    assert (facts.kind, facts.number) == (None, "R-2026/117")
