"""`python -m scripts.corpus DIR`: reads every file below DIR and holds what was read to what the files state.

What a file states is looked up here once more by other means: the attachment of a PDF by pypdf, each term by its
whole path with namespaces, as the bindings of EN 16931 name it (CII and UBL), or by the name of the element alone
(FatturaPA, KSeF). Exits with 1 if a stated term was read otherwise, or a well-formed invoice of a known syntax was not read.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pypdf

from reader.document import read
from shared.wire.facts import Facts

CII = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
UBL = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
_TRADE = "./rsm:SupplyChainTradeTransaction/"
_AGREED, _SETTLED = f"{_TRADE}ram:ApplicableHeaderTradeAgreement/", f"{_TRADE}ram:ApplicableHeaderTradeSettlement/"
_SUM = f"{_SETTLED}ram:SpecifiedTradeSettlementHeaderMonetarySummation/"
_SELLER, _BUYER = "./cac:AccountingSupplierParty/cac:Party/", "./cac:AccountingCustomerParty/cac:Party/"
_LEGAL, _MONEY = "cac:PartyLegalEntity/cbc:RegistrationName", "./cac:LegalMonetaryTotal/cbc:"
Told = dict[str, Callable[[Facts], str | None]]
FIELDS: Told = {
    "number": lambda facts: facts.number,
    "issued": lambda facts: facts.issued,
    "due": lambda facts: facts.due,
    "currency": lambda facts: facts.currency,
    "net": lambda facts: facts.amounts.net,
    "total": lambda facts: facts.amounts.total,
    "prepaid": lambda facts: facts.amounts.prepaid,
    "payable": lambda facts: facts.amounts.payable,
    "supplier": lambda facts: facts.supplier.name,
    "supplier's VAT id": lambda facts: facts.supplier.vat_id,
    "buyer": lambda facts: facts.buyer.name,
    "buyer's reference": lambda facts: facts.buyer_reference,
    "order": lambda facts: facts.order,
    "iban": lambda facts: facts.ibans[0] if facts.ibans else None,
}
PATHS = {
    "CII": {
        "number": "./rsm:ExchangedDocument/ram:ID",
        "issued": "./rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString",
        "due": f"{_SETTLED}ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString",
        "currency": f"{_SETTLED}ram:InvoiceCurrencyCode",
        "net": f"{_SUM}ram:TaxBasisTotalAmount",
        "total": f"{_SUM}ram:GrandTotalAmount",
        "prepaid": f"{_SUM}ram:TotalPrepaidAmount",
        "payable": f"{_SUM}ram:DuePayableAmount",
        "supplier": f"{_AGREED}ram:SellerTradeParty/ram:Name",
        "supplier's VAT id": f"{_AGREED}ram:SellerTradeParty/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
        "buyer": f"{_AGREED}ram:BuyerTradeParty/ram:Name",
        "buyer's reference": f"{_AGREED}ram:BuyerReference",
        "order": f"{_AGREED}ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID",
        "iban": f"{_SETTLED}ram:SpecifiedTradeSettlementPaymentMeans"
        "/ram:PayeePartyCreditorFinancialAccount/ram:IBANID",
    },
    "UBL": {
        "number": "./cbc:ID",
        "issued": "./cbc:IssueDate",
        "due": "./cbc:DueDate",
        "currency": "./cbc:DocumentCurrencyCode",
        "net": f"{_MONEY}TaxExclusiveAmount",
        "total": f"{_MONEY}TaxInclusiveAmount",
        "prepaid": f"{_MONEY}PrepaidAmount",
        "payable": f"{_MONEY}PayableAmount",
        "supplier": f"{_SELLER}{_LEGAL}",
        "buyer": f"{_BUYER}{_LEGAL}",
        "buyer's reference": "./cbc:BuyerReference",
        "order": "./cac:OrderReference/cbc:ID",
        "iban": "./cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",
    },
    "FatturaPA": {
        "number": ".//DatiGeneraliDocumento/Numero",
        "issued": ".//DatiGeneraliDocumento/Data",
        "currency": ".//DatiGeneraliDocumento/Divisa",
        "total": ".//DatiGeneraliDocumento/ImportoTotaleDocumento",
        "iban": ".//DettaglioPagamento/IBAN",
    },
    "KSeF": {"number": ".//{*}P_2", "issued": ".//{*}P_1", "currency": ".//{*}KodWaluty", "total": ".//{*}P_15"},
}
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
"""An account may have another number."""
SPACES = {"CII": CII, "UBL": UBL}
ROOTS = {
    f"{{{CII['rsm']}}}CrossIndustryInvoice": "CII",
    **{
        f"{{urn:oasis:names:specification:ubl:schema:xsd:{kind}-2}}{kind}": "UBL"
        for kind in ("Invoice", "CreditNote")
    },
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("one folder of invoices: make corpus DIR=...\n")
        return 2
    files, fields, faults = Counter[tuple[str, str]](), Counter[tuple[str, str, str]](), list[str]()
    for path in sorted(Path(arguments[0]).rglob("*")):
        if path.suffix.lower() not in {".pdf", ".xml"}:
            continue
        facts = read(path.read_bytes())
        found = facts.syntax or str(facts.unread or facts.source)
        files[path.suffix.lower(), found] += 1
        root = _root(path)
        syntax = None if root is None else _syntax(root)
        if root is None or syntax is None:
            continue
        if facts.unread:
            if facts.unread != "refused-xml":
                faults.append(f"{path}: not read: {facts.unread}")
            continue
        for name, stated in _stated(root, syntax):
            told = FIELDS[name](facts)
            verdict = "absent" if told is None else "right" if _same(stated, told) else "wrong"
            fields[syntax, name, verdict] += 1
            if verdict != "right":
                faults.append(f"{path}: {name}: states {stated!r}, read {told!r}")
    _show(files, fields, faults)
    return 1 if faults else 0


def _root(path: Path) -> ET.Element | None:
    """Of the file, or of the invoice in the PDF; None where there is none, or none that is well-formed."""
    try:
        if path.suffix.lower() == ".xml":
            return ET.parse(path).getroot()  # noqa: S314 - files of a collection that was looked at
        attached = pypdf.PdfReader(path).attachments
        data = [each[0] for name, each in attached.items() if name.lower().endswith(".xml")]
        roots = map(ET.fromstring, data)
        return next((root for root in roots if _syntax(root)), None)
    except (ET.ParseError, pypdf.errors.PyPdfError):
        return None


def _syntax(root: ET.Element) -> str | None:
    local = root.tag.rpartition("}")[2]
    return ROOTS.get(root.tag) or {"FatturaElettronica": "FatturaPA", "Faktura": "KSeF"}.get(local)


def _stated(root: ET.Element, syntax: str) -> Iterator[tuple[str, str]]:
    for name, path in PATHS[syntax].items():
        found = [" ".join((each.text or "").split()) for each in root.iterfind(path, SPACES.get(syntax))]
        values = [value for value in found if value]
        if values and (name != "due" or len(set(values)) == 1):
            if name != "iban" or IBAN.fullmatch(values[0].replace(" ", "")):
                yield name, values[0]


def _same(stated: str, told: str) -> bool:
    """A day of CII has no hyphens, an account may have blanks, and an amount may have more zeros."""
    try:
        return float(stated) == float(told)
    except ValueError:
        plain = (text.replace("-", "").replace(" ", "").upper() for text in (stated[:300], told))
        first, second = plain
        return first == second or (first.startswith(second) and len(second) == 8)  # noqa: PLR2004 - a day, with a zone


def _show(files: Counter[tuple[str, str]], fields: Counter[tuple[str, str, str]], faults: list[str]) -> None:
    print("| files | read as | how many |\n| --- | --- | --- |")
    for (suffix, found), count in sorted(files.items()):
        print(f"| `{suffix}` | {found} | {count} |")
    syntaxes = sorted({syntax for syntax, _, _ in fields})
    print(f"\n| stated, right/absent/wrong | {' | '.join(syntaxes)} |\n| --- |{' --- |' * len(syntaxes)}")
    for name in FIELDS:
        cells = ("/".join(str(fields[s, name, v]) for v in ("right", "absent", "wrong")) for s in syntaxes)
        print(f"| {name} | {' | '.join(cells)} |")
    print()
    for fault in faults:
        print(fault)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
