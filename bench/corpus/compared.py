"""What the reader says beside what the file states."""

from bench.corpus import truth
from bench.corpus.truth import Truth
from shared.wire.facts import Facts


def stated_by(facts: Facts) -> dict[str, str]:
    """The facts by the names and in the forms of the truth."""
    amounts, supplier, buyer = facts.amounts, facts.supplier, facts.buyer
    values = {
        "number": facts.number,
        "issued": facts.issued,
        "due": facts.due,
        "terms": facts.terms,
        "type": facts.kind,
        "currency": facts.currency,
        "net": amounts.net,
        "tax": amounts.tax,
        "total": amounts.total,
        "prepaid": amounts.prepaid,
        "payable": amounts.payable,
        "supplier": supplier.name,
        "supplier VAT id": supplier.vat_id,
        "supplier tax id": supplier.tax_id,
        "supplier country": supplier.country,
        "buyer": buyer.name,
        "buyer VAT id": buyer.vat_id,
        "buyer country": buyer.country,
        "payee": facts.payee,
        "buyer reference": facts.buyer_reference,
        "order": facts.order,
        "IBANs": " ".join(facts.ibans),
        "payment reference": facts.payment_reference,
    }
    return {name: truth.normal(name, value) for name, value in values.items() if value}


def compared(expected: Truth, said_of: dict[str, str]) -> dict[str, str]:
    """By field: `right`, `wrong` or `missing`. What the file does not state and the reader says is wrong."""
    verdicts = {}
    for name in sorted(truth.fields_of(expected.format)):
        stated, said = expected.facts.get(name), said_of.get(name)
        if stated == said:
            if stated:
                verdicts[name] = "right"
        else:
            verdicts[name] = "wrong" if said else "missing"
    return verdicts
