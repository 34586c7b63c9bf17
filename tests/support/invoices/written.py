"""A model invoice in UBL, CII and ZUGFeRD 1, as senders write them: each with its own habits."""

from decimal import Decimal
from xml.sax.saxutils import escape

from tests.support.invoices.invoice import Invoice, Who

PLN = ' currencyID="PLN"'


def tag(name: str, text: object | None, attributes: str = "") -> str:
    return "" if text is None else f"<{name}{attributes}>{escape(str(text))}</{name}>"


def as_ubl(invoice: Invoice) -> bytes:
    """A CreditNote for a credit note: it has no DueDate, but a date in its payment means."""
    root = "CreditNote" if invoice.is_credit_note else "Invoice"
    money = f' currencyID="{invoice.currency}"'
    due_in_head = None if invoice.is_credit_note else invoice.due
    due_in_means = invoice.due if invoice.is_credit_note else None
    accounts = [tag("cac:PayeeFinancialAccount", None), *(_ubl_account(iban) for iban in invoice.ibans)]
    means = [
        f"<cac:PaymentMeans>{tag('cbc:PaymentMeansCode', 58)}{tag('cbc:PaymentDueDate', due_in_means)}"
        f"{tag('cbc:PaymentID', invoice.payment_reference)}{account}</cac:PaymentMeans>"
        for account in accounts
    ]
    other = invoice.tax_in_seller_currency
    second = "" if other is None else f"<cac:TaxTotal>{tag('cbc:TaxAmount', other, PLN)}</cac:TaxTotal>"
    payee = (
        "" if invoice.payee is None else _wrapped("cac:PayeeParty", "cac:PartyName", tag("cbc:Name", invoice.payee))
    )
    order = (
        "" if invoice.order is None else f"<cac:OrderReference>{tag('cbc:ID', invoice.order)}</cac:OrderReference>"
    )
    terms = (
        "" if invoice.terms is None else f"<cac:PaymentTerms>{tag('cbc:Note', invoice.terms)}</cac:PaymentTerms>"
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 {tag("cbc:ID", invoice.number)}{tag("cbc:IssueDate", invoice.issued)}{tag("cbc:DueDate", due_in_head)}
 {tag(f"cbc:{root}TypeCode", invoice.type_code)}{tag("cbc:DocumentCurrencyCode", invoice.currency)}
 {tag("cbc:BuyerReference", invoice.buyer_reference)}{order}
 <cac:AccountingSupplierParty>{_ubl_party(invoice.supplier)}</cac:AccountingSupplierParty>
 <cac:AccountingCustomerParty>{_ubl_party(invoice.buyer)}</cac:AccountingCustomerParty>
 {payee}{"".join(means)}{terms}{second}
 <cac:TaxTotal>{tag("cbc:TaxAmount", short(invoice.tax), money)}
  <cac:TaxSubtotal>{tag("cbc:TaxAmount", "1.11", money)}</cac:TaxSubtotal></cac:TaxTotal>
 <cac:LegalMonetaryTotal>{tag("cbc:LineExtensionAmount", "2.22", money)}
  {tag("cbc:TaxExclusiveAmount", short(invoice.net), money)}
  {tag("cbc:TaxInclusiveAmount", short(invoice.total), money)}
  {tag("cbc:PrepaidAmount", short(invoice.prepaid), money)}{tag("cbc:PayableAmount", short(invoice.payable), money)}
 </cac:LegalMonetaryTotal>
 <cac:InvoiceLine>{tag("cbc:ID", "line")}{tag("cbc:LineExtensionAmount", "3.33", money)}</cac:InvoiceLine>
</{root}>""".encode()


def as_cii(invoice: Invoice) -> bytes:
    return _as_cii(invoice).encode()


def as_zugferd_1(invoice: Invoice) -> bytes:
    """The names of 2014; the longer ones first, as some are the start of others."""
    text = _as_cii(invoice)
    for new, old in (
        (
            "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
            "urn:ferd:CrossIndustryDocument:invoice:1p0",
        ),
        ("BusinessInformationEntity:100", "BusinessInformationEntity:12"),
        ("CrossIndustryInvoice", "CrossIndustryDocument"),
        ("rsm:ExchangedDocument", "rsm:HeaderExchangedDocument"),
        ("rsm:SupplyChainTradeTransaction", "rsm:SpecifiedSupplyChainTradeTransaction"),
        ("ApplicableHeaderTrade", "ApplicableSupplyChainTrade"),
        ("SettlementHeaderMonetary", "SettlementMonetary"),
        ("IssuerAssignedID", "ID"),
    ):
        text = text.replace(new, old)
    return text.encode()


def _as_cii(invoice: Invoice) -> str:
    money = f' currencyID="{invoice.currency}"'
    other = tag("ram:TaxTotalAmount", invoice.tax_in_seller_currency, PLN)
    payee = (
        ""
        if invoice.payee is None
        else f"<ram:PayeeTradeParty>{tag('ram:Name', invoice.payee)}</ram:PayeeTradeParty>"
    )
    due = "" if invoice.due is None else _wrapped("ram:DueDateDateTime", _date(invoice.due))
    order = _wrapped("ram:BuyerOrderReferencedDocument", tag("ram:IssuerAssignedID", invoice.order))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
 <rsm:ExchangedDocument>{tag("ram:ID", invoice.number)}{tag("ram:TypeCode", invoice.type_code)}
  <ram:IssueDateTime>{_date(invoice.issued)}</ram:IssueDateTime></rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:IncludedSupplyChainTradeLineItem><ram:SpecifiedLineTradeSettlement>{tag("ram:LineTotalAmount", "3.33")}
  </ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>
  <ram:ApplicableHeaderTradeAgreement>{tag("ram:BuyerReference", invoice.buyer_reference)}
   <ram:SellerTradeParty>{_cii_party(invoice.supplier)}</ram:SellerTradeParty>
   <ram:BuyerTradeParty>{_cii_party(invoice.buyer)}</ram:BuyerTradeParty>{order}
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeSettlement>{tag("ram:PaymentReference", invoice.payment_reference)}
   {tag("ram:TaxCurrencyCode", "PLN")}{tag("ram:InvoiceCurrencyCode", invoice.currency)}{payee}
   {"".join(map(_cii_account, invoice.ibans))}
   <ram:SpecifiedTradePaymentTerms>{tag("ram:Description", invoice.terms)}{due}</ram:SpecifiedTradePaymentTerms>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>{tag("ram:LineTotalAmount", "2.22")}
    {tag("ram:TaxBasisTotalAmount", invoice.net)}{other}{tag("ram:TaxTotalAmount", invoice.tax, money)}
    {tag("ram:GrandTotalAmount", invoice.total)}{tag("ram:TotalPrepaidAmount", invoice.prepaid)}
    {tag("ram:DuePayableAmount", invoice.payable)}
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>"""


def short(amount: Decimal | None) -> str | None:
    """As many senders of UBL write it: `473.00` is `473`."""
    return None if amount is None else format(amount.normalize(), "f")


def _wrapped(*names_and_content: str) -> str:
    *names, content = names_and_content
    for name in reversed(names):
        content = f"<{name}>{content}</{name}>"
    return content


def _ubl_account(iban: str) -> str:
    return _wrapped("cac:PayeeFinancialAccount", tag("cbc:ID", iban))


def _ubl_party(who: Who) -> str:
    numbers = "".join(
        _wrapped(
            "cac:PartyTaxScheme", tag("cbc:CompanyID", number) + _wrapped("cac:TaxScheme", tag("cbc:ID", scheme))
        )
        for number, scheme in ((who.tax_id, "FC"), (who.vat_id, "VAT"))
        if number
    )
    return _wrapped(
        "cac:Party",
        _wrapped("cac:PartyName", tag("cbc:Name", who.trade_name))
        + _wrapped("cac:PostalAddress", "cac:Country", tag("cbc:IdentificationCode", who.country))
        + numbers
        + _wrapped("cac:PartyLegalEntity", tag("cbc:RegistrationName", who.name)),
    )


def _cii_party(who: Who) -> str:
    trading = _wrapped("ram:SpecifiedLegalOrganization", tag("ram:TradingBusinessName", who.trade_name))
    address = _wrapped("ram:PostalTradeAddress", tag("ram:CountryID", who.country))
    numbers = "".join(
        _wrapped("ram:SpecifiedTaxRegistration", tag("ram:ID", number, f' schemeID="{scheme}"'))
        for number, scheme in ((who.tax_id, "FC"), (who.vat_id, "VA"))
        if number
    )
    return f"{tag('ram:Name', who.name)}{trading}{address}{numbers}"


def _cii_account(iban: str) -> str:
    account = _wrapped("ram:PayeePartyCreditorFinancialAccount", tag("ram:IBANID", iban))
    return _wrapped("ram:SpecifiedTradeSettlementPaymentMeans", account)


def _date(day: str) -> str:
    return tag("udt:DateTimeString", day.replace("-", ""), ' format="102"')
