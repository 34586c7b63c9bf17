"""Facturae of Spain, versions 3.2 to 3.2.2 (facturae.gob.es)."""

from xml.etree.ElementTree import Element

from reader import fields
from reader.syntaxes.elements import first, only, texts
from shared.wire.facts import Amounts, Facts, Kind, Party, Source

COUNTRIES = {"ESP": "ES", "FRA": "FR", "DEU": "DE", "PRT": "PT", "ITA": "IT", "AND": "AD", "NLD": "NL", "BEL": "BE"}
"""ISO 3166-1, of three letters and of two: those that trade most with Spain. Others are left out."""
CORRECTIONS = frozenset(("OR", "CR"))


def takes(namespace: str, root: Element) -> bool:
    return root.tag == "Facturae" and "facturae" in namespace.lower()


def facts(root: Element) -> Facts:
    invoices = root.findall("Invoices/Invoice")
    invoice = invoices[0] if invoices else Element("nothing")
    series, number = (first(invoice, f"InvoiceHeader/{name}") for name in ("InvoiceSeriesCode", "InvoiceNumber"))
    payment = "PaymentDetails/Installment"
    total = fields.amount(first(invoice, "InvoiceTotals/InvoiceTotal"))
    is_correction = fields.code(first(invoice, "InvoiceHeader/InvoiceClass")) in CORRECTIONS
    accounts = map(fields.iban, texts(invoice, f"{payment}/AccountToBeCredited/IBAN"))
    return Facts(
        source=Source.XML,
        syntax="Facturae",
        kind=Kind.CREDIT_NOTE if is_correction and (total or "").startswith("-") else Kind.INVOICE,
        number=fields.text(f"{series or ''}{number or ''}"),
        issued=fields.day(first(invoice, "InvoiceIssueData/IssueDate")),
        due=only(map(fields.day, texts(invoice, f"{payment}/InstallmentDueDate"))),
        currency=fields.currency(first(invoice, "InvoiceIssueData/InvoiceCurrencyCode")),
        amounts=Amounts(
            net=fields.amount(first(invoice, "InvoiceTotals/TotalGrossAmountBeforeTaxes")),
            tax=fields.amount(first(invoice, "InvoiceTotals/TotalTaxOutputs")),
            total=total,
            prepaid=fields.amount(first(invoice, "InvoiceTotals/TotalPaymentsOnAccount")),
            payable=fields.amount(first(invoice, "InvoiceTotals/TotalExecutableAmount")),
        ),
        supplier=_party(root.find("Parties/SellerParty")),
        buyer=_party(root.find("Parties/BuyerParty")),
        order=fields.text(first(invoice, "Items/InvoiceLine/ReceiverTransactionReference")),
        ibans=tuple(dict.fromkeys(account for account in accounts if account)),
        invoices=len(invoices) if len(invoices) > 1 else None,
    )


def _party(party: Element | None) -> Party:
    if party is None:
        return Party()
    person = filter(
        None, (first(party, f"Individual/{name}") for name in ("Name", "FirstSurname", "SecondSurname"))
    )
    number = first(party, "TaxIdentification/TaxIdentificationNumber")
    country = first(party, "*/AddressInSpain/CountryCode", "*/OverseasAddress/CountryCode")
    return Party(
        name=fields.text(first(party, "LegalEntity/CorporateName") or " ".join(person)),
        vat_id=_vat_id(number),
        tax_id=None if _vat_id(number) else fields.text(number),
        country=COUNTRIES.get(fields.code(country)),
    )


def _vat_id(number: str | None) -> str | None:
    """A Spanish one may stand without its country's letters; then it is a tax number."""
    found = fields.vat_id(number)
    return found if found and found[:2].isalpha() and found[:2] != "EX" else None
