"""ZUGFeRD 1.0 of 2014: an earlier Cross Industry Invoice, with other names for the same things."""

from xml.etree.ElementTree import Element

from reader.syntaxes.binding import Binding, PartyPaths, facts_by
from reader.syntaxes.document_types import kind_of
from shared.wire.facts import Facts

_AGREEMENT = "SpecifiedSupplyChainTradeTransaction/ApplicableSupplyChainTradeAgreement"
_SETTLEMENT = "SpecifiedSupplyChainTradeTransaction/ApplicableSupplyChainTradeSettlement"
_SUMS = f"{_SETTLEMENT}/SpecifiedTradeSettlementMonetarySummation"
_ACCOUNT = f"{_SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount"


def _party(role: str) -> PartyPaths:
    party = f"{_AGREEMENT}/{role}"
    return PartyPaths(
        names=(f"{party}/Name",),
        country=f"{party}/PostalTradeAddress/CountryID",
        tax_registration=f"{party}/SpecifiedTaxRegistration",
    )


_BINDING = Binding(
    syntax="ZUGFeRD 1",
    number="HeaderExchangedDocument/ID",
    issued="HeaderExchangedDocument/IssueDateTime/DateTimeString",
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
    order=f"{_AGREEMENT}/BuyerOrderReferencedDocument/ID",
    ibans=(f"{_ACCOUNT}/IBANID", f"{_ACCOUNT}/ProprietaryID"),
    payment_reference=f"{_SETTLEMENT}/PaymentReference",
    tax_number="ID",
    tax_scheme="@schemeID",
    vat_schemes=("VA",),
    local_schemes=("FC",),
)


def facts_of(root: Element) -> Facts:
    return facts_by(_BINDING, root, kind_of(root.findtext("HeaderExchangedDocument/TypeCode")))
