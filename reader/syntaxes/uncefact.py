"""UN/CEFACT's Cross Industry Invoice, as EN 16931-3-3 binds the business terms to it (Factur-X, ZUGFeRD 2,
XRechnung), and ZUGFeRD 1, which has the same under other names.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from reader import fields
from reader.syntaxes.elements import first, only, texts
from reader.syntaxes.kinds import kind_of
from shared.wire.facts import Amounts, Facts, Party, Source


@dataclass(frozen=True, slots=True)
class Names:
    """Those that differ."""

    syntax: str
    namespace: str
    root: str
    document: str
    transaction: str
    agreement: str
    settlement: str
    sums: str
    order: str


CII = Names(
    "CII",
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:",
    "CrossIndustryInvoice",
    "ExchangedDocument",
    "SupplyChainTradeTransaction",
    "ApplicableHeaderTradeAgreement",
    "ApplicableHeaderTradeSettlement",
    "SpecifiedTradeSettlementHeaderMonetarySummation",
    "BuyerOrderReferencedDocument/IssuerAssignedID",
)
ZUGFERD_1 = Names(
    "ZUGFeRD 1",
    "urn:ferd:CrossIndustryDocument:",
    "CrossIndustryDocument",
    "HeaderExchangedDocument",
    "SpecifiedSupplyChainTradeTransaction",
    "ApplicableSupplyChainTradeAgreement",
    "ApplicableSupplyChainTradeSettlement",
    "SpecifiedTradeSettlementMonetarySummation",
    "BuyerOrderReferencedDocument/ID",
)
DAYS = (None, "102")
"""UNTDID 2379: the format of a whole day. Others are of weeks and months."""


def takes(namespace: str, root: Element) -> bool:
    return _names(namespace, root) is not None


def facts(namespace: str, root: Element) -> Facts:
    names = _names(namespace, root)
    assert names is not None  # noqa: S101 - asked before
    empty = Element("nothing")
    document = _below(root, names.document, empty)
    transaction = _below(root, names.transaction, empty)
    agreement = _below(transaction, names.agreement, empty)
    settlement = _below(transaction, names.settlement, empty)
    sums = _below(settlement, names.sums, empty)
    currency = fields.currency(first(settlement, "InvoiceCurrencyCode"))
    accounts = texts(settlement, "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID")
    return Facts(
        source=Source.XML,
        syntax=names.syntax,
        kind=kind_of(first(document, "TypeCode")),
        number=fields.text(first(document, "ID")),
        issued=only(_days(document, "IssueDateTime")),
        due=only(_days(settlement, "SpecifiedTradePaymentTerms/DueDateDateTime")),
        terms=fields.text(first(settlement, "SpecifiedTradePaymentTerms/Description"), fields.TERMS_CHARS),
        currency=currency,
        amounts=Amounts(
            net=fields.amount(first(sums, "TaxBasisTotalAmount")),
            tax=_tax(sums, currency),
            total=fields.amount(first(sums, "GrandTotalAmount")),
            prepaid=fields.amount(first(sums, "TotalPrepaidAmount")),
            payable=fields.amount(first(sums, "DuePayableAmount")),
        ),
        supplier=_party(agreement.find("SellerTradeParty")),
        buyer=_party(agreement.find("BuyerTradeParty")),
        payee=fields.text(first(settlement, "PayeeTradeParty/Name")),
        buyer_reference=fields.text(first(agreement, "BuyerReference")),
        order=fields.text(first(agreement, names.order)),
        ibans=tuple(dict.fromkeys(found for found in map(fields.iban, accounts) if found)),
        payment_reference=fields.text(first(settlement, "PaymentReference")),
    )


def _names(namespace: str, root: Element) -> Names | None:
    fit = (names for names in (CII, ZUGFERD_1) if namespace.startswith(names.namespace) and root.tag == names.root)
    return next(fit, None)


def _below(element: Element, name: str, empty: Element) -> Element:
    found = element.find(name)
    return empty if found is None else found


def _days(element: Element, path: str) -> list[str | None]:
    found = [*element.iterfind(f"{path}/DateTimeString"), *element.iterfind(f"{path}/DateString")]
    return [fields.day(each.text) for each in found if each.get("format") in DAYS]


def _tax(sums: Element, currency: str | None) -> str | None:
    """In the document's currency: the one in that of the tax office is another term, BT-111."""
    found = [
        fields.amount(each.text)
        for each in sums.iterfind("TaxTotalAmount")
        if fields.currency(each.get("currencyID")) in (currency, None)
    ]
    return found[0] if found else None


def _party(party: Element | None) -> Party:
    if party is None:
        return Party()
    numbers = [
        (fields.code(each.get("schemeID")), each.text) for each in party.iterfind("SpecifiedTaxRegistration/ID")
    ]
    return Party(
        name=fields.text(first(party, "Name")),
        vat_id=next((fields.vat_id(number) for scheme, number in numbers if scheme == "VA"), None),
        tax_id=next((fields.text(number) for scheme, number in numbers if scheme == "FC"), None),
        country=fields.country(first(party, "PostalTradeAddress/CountryID")),
    )
