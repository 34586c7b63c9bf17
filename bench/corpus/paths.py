"""Where each fact stands, by full names: written from the syntax bindings of EN 16931, apart from the reader."""

NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "old": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12",
    "zf": "urn:ferd:CrossIndustryDocument:invoice:1p0",
}

_SUPPLIER = "cac:AccountingSupplierParty/cac:Party"
_CUSTOMER = "cac:AccountingCustomerParty/cac:Party"

UBL = {
    "number": "cbc:ID",
    "issued": "cbc:IssueDate",
    "due": "cbc:DueDate | cac:PaymentMeans/cbc:PaymentDueDate",
    "terms": "cac:PaymentTerms/cbc:Note",
    "type": "cbc:InvoiceTypeCode | cbc:CreditNoteTypeCode",
    "currency": "cbc:DocumentCurrencyCode",
    "net": "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount",
    "tax": "cac:TaxTotal/cbc:TaxAmount[@currencyID='{currency}']",
    "total": "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
    "prepaid": "cac:LegalMonetaryTotal/cbc:PrepaidAmount",
    "payable": "cac:LegalMonetaryTotal/cbc:PayableAmount",
    "supplier": f"{_SUPPLIER}/cac:PartyLegalEntity/cbc:RegistrationName",
    "supplier VAT id": f"{_SUPPLIER}/cac:PartyTaxScheme/cac:TaxScheme[cbc:ID='VAT']/../cbc:CompanyID",
    "supplier tax id": f"{_SUPPLIER}/cac:PartyTaxScheme/cac:TaxScheme[cbc:ID!='VAT']/../cbc:CompanyID",
    "supplier country": f"{_SUPPLIER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
    "buyer": f"{_CUSTOMER}/cac:PartyLegalEntity/cbc:RegistrationName",
    "buyer VAT id": f"{_CUSTOMER}/cac:PartyTaxScheme/cac:TaxScheme[cbc:ID='VAT']/../cbc:CompanyID",
    "buyer country": f"{_CUSTOMER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
    "payee": "cac:PayeeParty/cac:PartyName/cbc:Name",
    "buyer reference": "cbc:BuyerReference",
    "order": "cac:OrderReference/cbc:ID",
    "IBANs": "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",
    "payment reference": "cac:PaymentMeans/cbc:PaymentID",
}

_DEAL = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_PAY = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_SUMS = f"{_PAY}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_ACCOUNT = f"{_PAY}/ram:SpecifiedTradeSettlementPaymentMeans/ram:PayeePartyCreditorFinancialAccount"

CII = {
    "number": "rsm:ExchangedDocument/ram:ID",
    "issued": "rsm:ExchangedDocument/ram:IssueDateTime/*",
    "due": f"{_PAY}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/*",
    "terms": f"{_PAY}/ram:SpecifiedTradePaymentTerms/ram:Description",
    "type": "rsm:ExchangedDocument/ram:TypeCode",
    "currency": f"{_PAY}/ram:InvoiceCurrencyCode",
    "net": f"{_SUMS}/ram:TaxBasisTotalAmount",
    "tax": f"{_SUMS}/ram:TaxTotalAmount[@currencyID='{{currency}}']",
    "total": f"{_SUMS}/ram:GrandTotalAmount",
    "prepaid": f"{_SUMS}/ram:TotalPrepaidAmount",
    "payable": f"{_SUMS}/ram:DuePayableAmount",
    "supplier": f"{_DEAL}/ram:SellerTradeParty/ram:Name",
    "supplier VAT id": f"{_DEAL}/ram:SellerTradeParty/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
    "supplier tax id": f"{_DEAL}/ram:SellerTradeParty/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='FC']",
    "supplier country": f"{_DEAL}/ram:SellerTradeParty/ram:PostalTradeAddress/ram:CountryID",
    "buyer": f"{_DEAL}/ram:BuyerTradeParty/ram:Name",
    "buyer VAT id": f"{_DEAL}/ram:BuyerTradeParty/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
    "buyer country": f"{_DEAL}/ram:BuyerTradeParty/ram:PostalTradeAddress/ram:CountryID",
    "payee": f"{_PAY}/ram:PayeeTradeParty/ram:Name",
    "buyer reference": f"{_DEAL}/ram:BuyerReference",
    "order": f"{_DEAL}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID",
    "IBANs": f"{_ACCOUNT}/ram:IBANID | {_ACCOUNT}/ram:ProprietaryID",
    "payment reference": f"{_PAY}/ram:PaymentReference",
}


def _of_2014(path: str) -> str:
    """ZUGFeRD 1 says the same in other words."""
    for new, old in (
        ("rsm:ExchangedDocument", "zf:HeaderExchangedDocument"),
        ("rsm:SupplyChainTradeTransaction", "zf:SpecifiedSupplyChainTradeTransaction"),
        ("ApplicableHeaderTrade", "ApplicableSupplyChainTrade"),
        ("SettlementHeaderMonetary", "SettlementMonetary"),
        ("IssuerAssignedID", "ID"),
        ("ram:", "old:"),
    ):
        path = path.replace(new, old)
    return path


ZUGFERD_1 = {field: _of_2014(path) for field, path in CII.items()}

_SELLER = "FatturaElettronicaHeader/CedentePrestatore/DatiAnagrafici"
_BUYER = "FatturaElettronicaHeader/CessionarioCommittente/DatiAnagrafici"

FATTURAPA = {
    "number": "FatturaElettronicaBody/DatiGenerali/DatiGeneraliDocumento/Numero",
    "issued": "FatturaElettronicaBody/DatiGenerali/DatiGeneraliDocumento/Data",
    "due": "FatturaElettronicaBody/DatiPagamento/DettaglioPagamento/DataScadenzaPagamento",
    "type": "FatturaElettronicaBody/DatiGenerali/DatiGeneraliDocumento/TipoDocumento",
    "currency": "FatturaElettronicaBody/DatiGenerali/DatiGeneraliDocumento/Divisa",
    "total": "FatturaElettronicaBody[1]/DatiGenerali/DatiGeneraliDocumento/ImportoTotaleDocumento",
    "supplier": f"{_SELLER}/Anagrafica/Denominazione | {_SELLER}/Anagrafica/Nome + {_SELLER}/Anagrafica/Cognome",
    "net": "only FatturaElettronicaBody[1]/DatiBeniServizi/DatiRiepilogo/ImponibileImporto",
    "tax": "only FatturaElettronicaBody[1]/DatiBeniServizi/DatiRiepilogo/Imposta",
    "payable": "only FatturaElettronicaBody[1]/DatiPagamento/DettaglioPagamento/ImportoPagamento",
    "supplier VAT id": f"{_SELLER}/IdFiscaleIVA/IdPaese + {_SELLER}/IdFiscaleIVA/IdCodice",
    "buyer VAT id": f"{_BUYER}/IdFiscaleIVA/IdPaese + {_BUYER}/IdFiscaleIVA/IdCodice",
    "payee": "FatturaElettronicaBody[1]/DatiPagamento/DettaglioPagamento/Beneficiario",
    "payment reference": "FatturaElettronicaBody[1]/DatiPagamento/DettaglioPagamento/CodicePagamento",
    "supplier tax id": f"{_SELLER}/CodiceFiscale",
    "supplier country": "FatturaElettronicaHeader/CedentePrestatore/Sede/Nazione",
    "buyer": f"{_BUYER}/Anagrafica/Denominazione | {_BUYER}/Anagrafica/Nome + {_BUYER}/Anagrafica/Cognome",
    "buyer country": "FatturaElettronicaHeader/CessionarioCommittente/Sede/Nazione",
    "order": "FatturaElettronicaBody[1]/DatiGenerali/DatiOrdineAcquisto/IdDocumento",
    "IBANs": "FatturaElettronicaBody[1]/DatiPagamento/DettaglioPagamento/IBAN",
}

KSEF = {
    "number": "{*}Fa/{*}P_2",
    "issued": "{*}Fa/{*}P_1",
    "due": "{*}Fa/{*}Platnosc/{*}TerminPlatnosci/{*}Termin",
    "type": "{*}Fa/{*}RodzajFaktury",
    "currency": "{*}Fa/{*}KodWaluty",
    "total": "{*}Fa/{*}P_15",
    "supplier VAT id": "'PL' + {*}Podmiot1/{*}DaneIdentyfikacyjne/{*}NIP",
    "supplier": "{*}Podmiot1/{*}DaneIdentyfikacyjne/{*}Nazwa",
    "supplier country": "{*}Podmiot1/{*}Adres/{*}KodKraju",
    "buyer": "{*}Podmiot2/{*}DaneIdentyfikacyjne/{*}Nazwa",
    "buyer country": "{*}Podmiot2/{*}Adres/{*}KodKraju",
}

FACTURAE = {
    "number": "Invoices/Invoice/InvoiceHeader/InvoiceNumber",
    "issued": "Invoices/Invoice/InvoiceIssueData/IssueDate",
    "due": "Invoices/Invoice/PaymentDetails/Installment/InstallmentDueDate",
    "currency": "Invoices/Invoice/InvoiceIssueData/InvoiceCurrencyCode",
    "net": "Invoices/Invoice/InvoiceTotals/TotalGrossAmountBeforeTaxes",
    "tax": "Invoices/Invoice/InvoiceTotals/TotalTaxOutputs",
    "payable": "Invoices/Invoice/InvoiceTotals/TotalExecutableAmount",
    "supplier": "Parties/SellerParty/LegalEntity/CorporateName",
    "buyer": "Parties/BuyerParty/LegalEntity/CorporateName",
}

FORMATS = {
    "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice": ("UBL", UBL),
    "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote": ("UBL credit note", UBL),
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice": ("CII", CII),
    "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument": ("ZUGFeRD 1", ZUGFERD_1),
    "FatturaElettronica": ("FatturaPA", FATTURAPA),
    "Faktura": ("KSeF", KSEF),
    "Facturae": ("Facturae", FACTURAE),
}
