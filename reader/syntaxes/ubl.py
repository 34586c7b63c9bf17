"""UBL 2.1, Invoice and CreditNote, as EN 16931-3-2 binds the business terms to it (XRechnung, Peppol)."""

from xml.etree.ElementTree import Element

from reader import fields
from reader.syntaxes.elements import first, only, texts
from reader.syntaxes.kinds import kind_of
from shared.wire.facts import Amounts, Facts, Party, Source

NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMES = {f"{NAMESPACE}{name}-2": name for name in ("Invoice", "CreditNote")}


def takes(namespace: str, root: Element) -> bool:
    return NAMES.get(namespace) == root.tag


def facts(root: Element) -> Facts:
    currency = fields.currency(first(root, "DocumentCurrencyCode"))
    due = [*texts(root, "DueDate"), *texts(root, "PaymentMeans/PaymentDueDate")]
    accounts = map(fields.iban, texts(root, "PaymentMeans/PayeeFinancialAccount/ID"))
    return Facts(
        source=Source.XML,
        syntax="UBL",
        kind=kind_of(first(root, "InvoiceTypeCode", "CreditNoteTypeCode")),
        number=fields.text(first(root, "ID")),
        issued=fields.day(first(root, "IssueDate")),
        due=only(map(fields.day, due)),
        terms=fields.text(first(root, "PaymentTerms/Note"), fields.TERMS_CHARS),
        currency=currency,
        amounts=Amounts(
            net=_total(root, "TaxExclusiveAmount"),
            tax=_tax(root, currency),
            total=_total(root, "TaxInclusiveAmount"),
            prepaid=_total(root, "PrepaidAmount"),
            payable=_total(root, "PayableAmount"),
        ),
        supplier=_party(root.find("AccountingSupplierParty/Party")),
        buyer=_party(root.find("AccountingCustomerParty/Party")),
        payee=fields.text(first(root, "PayeeParty/PartyName/Name")),
        buyer_reference=fields.text(first(root, "BuyerReference")),
        order=fields.text(first(root, "OrderReference/ID")),
        ibans=tuple(dict.fromkeys(account for account in accounts if account)),
        payment_reference=fields.text(first(root, "PaymentMeans/PaymentID")),
    )


def _total(root: Element, name: str) -> str | None:
    return fields.amount(first(root, f"LegalMonetaryTotal/{name}"))


def _tax(root: Element, currency: str | None) -> str | None:
    """In the document's currency: the one in that of the tax office is another term, BT-111."""
    found = [
        fields.amount(each.text)
        for each in root.iterfind("TaxTotal/TaxAmount")
        if fields.currency(each.get("currencyID")) in (currency, None)
    ]
    return found[0] if found else None


def _party(party: Element | None) -> Party:
    if party is None:
        return Party()
    numbers = [
        (fields.code(first(scheme, "TaxScheme/ID")), first(scheme, "CompanyID"))
        for scheme in party.iterfind("PartyTaxScheme")
    ]
    return Party(
        name=fields.text(first(party, "PartyLegalEntity/RegistrationName")),
        vat_id=next((fields.vat_id(number) for scheme, number in numbers if scheme == "VAT"), None),
        tax_id=next((fields.text(number) for scheme, number in numbers if scheme != "VAT"), None),
        country=fields.country(first(party, "PostalAddress/Country/IdentificationCode")),
    )
