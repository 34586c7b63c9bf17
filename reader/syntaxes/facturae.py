"""Facturae 3.x, the invoice of Spain's administration. Names of the elements after its schemas.

A tax number is a VAT id where it has a country's letters, which Facturae asks for in trade between member states.
"""

import re
from xml.etree.ElementTree import Element

from reader.syntaxes import elements, values
from reader.syntaxes.document_types import correction
from shared.wire.facts import Amounts, Facts, Party

_CORRECTIONS = ("OR", "CR")
_VAT_ID = re.compile(r"[A-Z]{2}[A-Z0-9]{2,13}")
# By ISO 3166-1: three letters, then two. A country that is not here is absent.
_COUNTRIES = {
    code[:3]: code[3:]
    for code in (
        *(
            "AUTAT",
            "BELBE",
            "BGRBG",
            "CHECH",
            "CYPCY",
            "CZECZ",
            "DEUDE",
            "DNKDK",
            "ESPES",
            "ESTEE",
            "FINFI",
            "FRAFR",
        ),
        *(
            "GBRGB",
            "GRCGR",
            "HRVHR",
            "HUNHU",
            "IRLIE",
            "ITAIT",
            "LTULT",
            "LUXLU",
            "LVALV",
            "MLTMT",
            "NLDNL",
            "NORNO",
        ),
        *("POLPL", "PRTPT", "ROURO", "SVKSK", "SVNSI", "SWESE"),
        *("ANDAD", "ARGAR", "BRABR", "CHLCL", "CHNCN", "COLCO", "MARMA", "MEXMX", "PERPE", "USAUS"),
    )
}
_ADDRESSES = ("AddressInSpain", "OverseasAddress")
_TOTALS = "InvoiceTotals"
_INSTALMENT = "PaymentDetails/Installment"


def facts_of(root: Element) -> Facts:
    """Those of the first invoice; `invoices` says how many there are, if there are more."""
    invoices = root.findall("Invoices/Invoice")
    invoice = invoices[0] if invoices else root
    total = elements.amount(invoice, f"{_TOTALS}/InvoiceTotal")
    withheld = elements.amount(invoice, f"{_TOTALS}/TotalTaxesWithheld")
    invoice_class = (invoice.findtext("InvoiceHeader/InvoiceClass") or "").strip()
    return Facts(
        syntax="Facturae",
        kind=correction(corrects=invoice_class in _CORRECTIONS, total=total),
        number=elements.identifier(invoice, "InvoiceHeader/InvoiceNumber"),
        issued=elements.day(invoice, "InvoiceIssueData/IssueDate"),
        due=elements.day(invoice, f"{_INSTALMENT}/InstallmentDueDate"),
        currency=elements.currency(invoice, "InvoiceIssueData/InvoiceCurrencyCode"),
        amounts=Amounts(
            net=elements.amount(invoice, f"{_TOTALS}/TotalGrossAmountBeforeTaxes"),
            tax=elements.amount(invoice, f"{_TOTALS}/TotalTaxOutputs"),
            # Where tax is withheld, this total is without it, so it is not BT-112.
            total=None if (withheld or "0").strip("0.") else total,
            prepaid=elements.amount(invoice, f"{_TOTALS}/TotalPaymentsOnAccount"),
            payable=elements.amount(invoice, f"{_TOTALS}/TotalExecutableAmount"),
        ),
        supplier=_party(root, "Parties/SellerParty", is_seller=True),
        buyer=_party(root, "Parties/BuyerParty", is_seller=False),
        payee=elements.name(root, "FileHeader/FactoringAssignmentData/Assignee/LegalEntity/CorporateName"),
        ibans=elements.ibans(invoice, f"{_INSTALMENT}/AccountToBeCredited/IBAN"),
        payment_reference=elements.identifier(invoice, f"{_INSTALMENT}/PaymentReconciliationReference"),
        invoices=len(invoices) if len(invoices) > 1 else None,
    )


def _party(root: Element, path: str, *, is_seller: bool) -> Party:
    number = values.tax_number(root.findtext(f"{path}/TaxIdentification/TaxIdentificationNumber"))
    is_vat_id = bool(number and _VAT_ID.fullmatch(number))
    person = f"{path}/Individual"
    address = [f"{path}/{who}/{where}/CountryCode" for who in ("LegalEntity", "Individual") for where in _ADDRESSES]
    return Party(
        name=elements.name(root, f"{path}/LegalEntity/CorporateName")
        or elements.joined(root, f"{person}/Name", f"{person}/FirstSurname", f"{person}/SecondSurname"),
        vat_id=number if is_vat_id else None,
        tax_id=number if is_seller and not is_vat_id else None,
        country=_COUNTRIES.get(elements.currency(root, *address) or ""),
    )
