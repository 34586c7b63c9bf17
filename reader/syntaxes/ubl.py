"""OASIS UBL 2 Invoice and CreditNote: Peppol BIS Billing, XRechnung. Paths after CEN/TS 16931-3-2."""

from xml.etree.ElementTree import Element

from reader.syntaxes.binding import Binding, PartyPaths, facts_by
from reader.syntaxes.document_types import kind_of
from shared.wire.facts import Facts, Kind

_SUMS = "LegalMonetaryTotal"


def _party(role: str) -> PartyPaths:
    party = f"{role}/Party"
    return PartyPaths(
        names=(f"{party}/PartyLegalEntity/RegistrationName", f"{party}/PartyName/Name"),
        country=f"{party}/PostalAddress/Country/IdentificationCode",
        tax_registration=f"{party}/PartyTaxScheme",
    )


_BINDING = Binding(
    syntax="UBL",
    number="ID",
    issued="IssueDate",
    due=("DueDate", "PaymentMeans/PaymentDueDate"),  # a credit note has the second alone
    terms="PaymentTerms/Note",
    currency="DocumentCurrencyCode",
    net=f"{_SUMS}/TaxExclusiveAmount",
    tax="TaxTotal/TaxAmount",
    total=f"{_SUMS}/TaxInclusiveAmount",
    prepaid=f"{_SUMS}/PrepaidAmount",
    payable=f"{_SUMS}/PayableAmount",
    supplier=_party("AccountingSupplierParty"),
    buyer=_party("AccountingCustomerParty"),
    payee="PayeeParty/PartyName/Name",
    buyer_reference="BuyerReference",
    order="OrderReference/ID",
    ibans=("PaymentMeans/PayeeFinancialAccount/ID",),
    payment_reference="PaymentMeans/PaymentID",
    tax_number="CompanyID",
    tax_scheme="TaxScheme/ID",
    vat_schemes=("VAT",),
    local_schemes=None,
)


def facts_of(root: Element) -> Facts:
    credit_note = root.tag == "CreditNote"
    return facts_by(_BINDING, root, Kind.CREDIT_NOTE if credit_note else kind_of(root.findtext("InvoiceTypeCode")))
