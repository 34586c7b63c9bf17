"""The tests' invoices in the syntaxes of EN 16931: the bindings of its parts 3-2 (UBL) and 3-3 (CII)."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from tests.support.invoices.model import Company, Invoice

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
UNCEFACT = "urn:un:unece:uncefact:data:standard"


def tag(name: str, value: str | Iterable[str] | None, **attributes: str) -> str:
    """Nothing where there is no value. A list's parts are elements already."""
    if value is None:
        return ""
    inside = escape(value) if isinstance(value, str) else "".join(value)
    told = "".join(f" {key}={quoteattr(text)}" for key, text in attributes.items())
    return f"<{name}{told}>{inside}</{name}>"


def as_ubl(invoice: Invoice) -> bytes:
    kind = "CreditNote" if invoice.type_code == "381" else "Invoice"
    is_note = kind == "CreditNote"
    means = [tag("cbc:PaymentMeansCode", "58")]
    if is_note:
        means.append(tag("cbc:PaymentDueDate", invoice.due))
    means.append(tag("cbc:PaymentID", invoice.payment_reference))
    accounts = [tag("cac:PayeeFinancialAccount", [tag("cbc:ID", iban)]) for iban in invoice.ibans]
    every = [tag("cac:PaymentMeans", [*means, account]) for account in accounts or [""]]
    body = [
        tag("cbc:ID", invoice.number),
        tag("cbc:IssueDate", invoice.issued),
        "" if is_note else tag("cbc:DueDate", invoice.due),
        tag(f"cbc:{kind}TypeCode", invoice.type_code),
        tag("cbc:DocumentCurrencyCode", invoice.currency),
        tag("cbc:BuyerReference", invoice.buyer_reference),
        tag("cac:OrderReference", [tag("cbc:ID", invoice.order)]) if invoice.order else "",
        tag("cac:AccountingSupplierParty", [_ubl_party(invoice.supplier)]),
        tag("cac:AccountingCustomerParty", [_ubl_party(invoice.buyer)]),
        tag("cac:PayeeParty", [tag("cac:PartyName", [tag("cbc:Name", invoice.payee)])]) if invoice.payee else "",
        *every,
        tag("cac:PaymentTerms", [tag("cbc:Note", invoice.terms)]) if invoice.terms else "",
        tag("cac:TaxTotal", [tag("cbc:TaxAmount", "1.23", currencyID="XTS")]),
        tag("cac:TaxTotal", [tag("cbc:TaxAmount", invoice.tax, currencyID=invoice.currency)]),
        tag(
            "cac:LegalMonetaryTotal",
            [
                tag(f"cbc:{name}", value, currencyID=invoice.currency)
                for name, value in (
                    ("LineExtensionAmount", invoice.net),
                    ("TaxExclusiveAmount", invoice.net),
                    ("TaxInclusiveAmount", invoice.total),
                    ("PrepaidAmount", invoice.prepaid),
                    ("PayableAmount", invoice.payable),
                )
            ],
        ),
    ]
    names = {
        "xmlns": f"{UBL}:{kind}-2",
        "xmlns:cac": f"{UBL}:CommonAggregateComponents-2",
        "xmlns:cbc": f"{UBL}:CommonBasicComponents-2",
    }
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + tag(kind, body, **names)).encode()


def _ubl_party(company: Company) -> str:
    schemes = (("VAT", company.vat_id), ("FC", company.tax_id))
    return tag(
        "cac:Party",
        [
            tag("cac:PartyName", [tag("cbc:Name", "a trading name")]),
            tag("cac:PostalAddress", [tag("cac:Country", [tag("cbc:IdentificationCode", company.country)])]),
            *(
                tag(
                    "cac:PartyTaxScheme",
                    [tag("cbc:CompanyID", number), tag("cac:TaxScheme", [tag("cbc:ID", scheme)])],
                )
                for scheme, number in schemes
                if number
            ),
            tag("cac:PartyLegalEntity", [tag("cbc:RegistrationName", company.name)]),
        ],
    )


def as_cii(invoice: Invoice) -> bytes:
    settlement = [
        tag("ram:PaymentReference", invoice.payment_reference),
        tag("ram:TaxCurrencyCode", "XTS"),
        tag("ram:InvoiceCurrencyCode", invoice.currency),
        tag("ram:PayeeTradeParty", [tag("ram:Name", invoice.payee)]) if invoice.payee else "",
        *(
            tag(
                "ram:SpecifiedTradeSettlementPaymentMeans",
                [
                    tag("ram:TypeCode", "58"),
                    tag("ram:PayeePartyCreditorFinancialAccount", [tag("ram:IBANID", iban)]),
                ],
            )
            for iban in invoice.ibans
        ),
        tag(
            "ram:SpecifiedTradePaymentTerms",
            [
                tag("ram:Description", invoice.terms),
                tag("ram:DueDateDateTime", [_moment(invoice.due)]) if invoice.due else "",
            ],
        ),
        tag(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            [
                tag("ram:LineTotalAmount", invoice.net),
                tag("ram:TaxBasisTotalAmount", invoice.net),
                tag("ram:TaxTotalAmount", "1.23", currencyID="XTS"),
                tag("ram:TaxTotalAmount", invoice.tax, currencyID=invoice.currency),
                tag("ram:GrandTotalAmount", invoice.total),
                tag("ram:TotalPrepaidAmount", invoice.prepaid),
                tag("ram:DuePayableAmount", invoice.payable),
            ],
        ),
    ]
    agreement = [
        tag("ram:BuyerReference", invoice.buyer_reference),
        tag("ram:SellerTradeParty", _cii_party(invoice.supplier)),
        tag("ram:BuyerTradeParty", _cii_party(invoice.buyer)),
        tag("ram:BuyerOrderReferencedDocument", [tag("ram:IssuerAssignedID", invoice.order)])
        if invoice.order
        else "",
    ]
    body = [
        tag(
            "rsm:ExchangedDocument",
            [
                tag("ram:ID", invoice.number),
                tag("ram:TypeCode", invoice.type_code),
                tag("ram:IssueDateTime", [_moment(invoice.issued)]),
            ],
        ),
        tag(
            "rsm:SupplyChainTradeTransaction",
            [
                tag("ram:ApplicableHeaderTradeAgreement", agreement),
                tag("ram:ApplicableHeaderTradeSettlement", settlement),
            ],
        ),
    ]
    names = {
        "xmlns:rsm": f"{UNCEFACT}:CrossIndustryInvoice:100",
        "xmlns:ram": f"{UNCEFACT}:ReusableAggregateBusinessInformationEntity:100",
        "xmlns:udt": f"{UNCEFACT}:UnqualifiedDataType:100",
    }
    return ("<?xml version='1.0' encoding='UTF-8'?>" + tag("rsm:CrossIndustryInvoice", body, **names)).encode()


def _moment(day: str) -> str:
    return tag("udt:DateTimeString", day.replace("-", ""), format="102")


def _cii_party(company: Company) -> list[str]:
    numbers = (("VA", company.vat_id), ("FC", company.tax_id))
    return [
        tag("ram:Name", company.name),
        tag("ram:PostalTradeAddress", [tag("ram:CountryID", company.country)]),
        *(
            tag("ram:SpecifiedTaxRegistration", [tag("ram:ID", number, schemeID=scheme)])
            for scheme, number in numbers
            if number
        ),
    ]
