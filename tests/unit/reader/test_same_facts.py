"""One invoice gives the same facts in every syntax of EN 16931: those of its model."""

import msgspec
import pytest

from reader.document import read
from shared.wire.facts import Facts, Kind, Source
from tests.unit.reader.invoice import Invoice, Who, invoices
from tests.unit.reader.written import as_cii, as_ubl, as_zugferd_1

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


def test_pro_forma_is_neither_invoice_nor_credit_note() -> None:
    facts = read(as_cii(Invoice(type_code="325")))
    assert (facts.kind, facts.number) == (None, "R-2026/117")
