"""UN/CEFACT Cross Industry Invoice D16B: Factur-X, ZUGFeRD 2, XRechnung. Paths after CEN/TS 16931-3-3."""

from xml.etree.ElementTree import Element

from reader.syntaxes.binding import Binding, PartyPaths, facts_by
from reader.syntaxes.document_types import kind_of
from shared.wire.facts import Facts

_AGREEMENT = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement"
_SETTLEMENT = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
_SUMS = f"{_SETTLEMENT}/SpecifiedTradeSettlementHeaderMonetarySummation"
_ACCOUNT = f"{_SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount"


def _party(role: str) -> PartyPaths:
    party = f"{_AGREEMENT}/{role}"
    return PartyPaths(
        names=(f"{party}/Name",),
        country=f"{party}/PostalTradeAddress/CountryID",
        tax_registration=f"{party}/SpecifiedTaxRegistration",
    )


_BINDING = Binding(
    syntax="CII",
    number="ExchangedDocument/ID",
    issued="ExchangedDocument/IssueDateTime/DateTimeString",
    due=(f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString",),
    terms=f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/Description",
    currency=f"{_SETTLEMENT}/InvoiceCurrencyCode",
    net=f"{_SUMS}/TaxBasisTotalAmount",
    tax=f"{_SUMS}/TaxTotalAmount",
    total=f"{_SUMS}/GrandTotalAmount",
    prepaid=f"{_SUMS}/TotalPrepaidAmount",
    payable=f"{_SUMS}/DuePayableAmount",
    supplier=_party("SellerTradeParty"),
    buyer=_party("BuyerTradeParty"),
    payee=f"{_SETTLEMENT}/PayeeTradeParty/Name",
    buyer_reference=f"{_AGREEMENT}/BuyerReference",
    order=f"{_AGREEMENT}/BuyerOrderReferencedDocument/IssuerAssignedID",
    ibans=(f"{_ACCOUNT}/IBANID", f"{_ACCOUNT}/ProprietaryID"),
    payment_reference=f"{_SETTLEMENT}/PaymentReference",
    tax_number="ID",
    tax_scheme="@schemeID",
    vat_schemes=("VA",),
    local_schemes=("FC",),
)


def facts_of(root: Element) -> Facts:
    return facts_by(_BINDING, root, kind_of(root.findtext("ExchangedDocument/TypeCode")))
