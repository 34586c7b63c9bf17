"""FA(2) and FA(3), the invoice of Poland's system KSeF. Names of the elements after its schemas.

It has a net and a tax for each rate and no sums of them: they are stated where there is one rate, and absent else.
"""

import re
from xml.etree.ElementTree import Element

from reader.syntaxes import elements, values
from reader.syntaxes.document_types import correction
from shared.wire.facts import Amounts, Facts, Party

_NET = re.compile(r"P_13_[0-9]+")
_NATIONAL_ACCOUNT = re.compile(r"[0-9]{26}")
_CORRECTIONS = ("KOR", "KOR_ZAL", "KOR_ROZ")


def facts_of(root: Element) -> Facts:
    total = elements.amount(root, "Fa/P_15")
    net, tax = _single_rate(root)
    return Facts(
        syntax="KSeF",
        kind=correction(corrects=(root.findtext("Fa/RodzajFaktury") or "").strip() in _CORRECTIONS, total=total),
        number=elements.identifier(root, "Fa/P_2"),
        issued=elements.day(root, "Fa/P_1"),
        due=elements.day(root, "Fa/Platnosc/TerminPlatnosci/Termin"),
        terms=_terms(root),
        currency=elements.currency(root, "Fa/KodWaluty"),
        amounts=Amounts(net=net, tax=tax, total=total, payable=elements.amount(root, "Fa/Rozliczenie/DoZaplaty")),
        supplier=_party(root, "Podmiot1"),
        buyer=_party(root, "Podmiot2"),
        order=elements.identifier(root, "Fa/WarunkiTransakcji/Zamowienia/NrZamowienia"),
        ibans=_accounts(root),
    )


def _single_rate(root: Element) -> tuple[str | None, str | None]:
    stated = [each for each in root.iterfind("Fa/*") if _NET.fullmatch(each.tag)]
    if len(stated) != 1:
        return None, None
    return values.amount(stated[0].text), elements.amount(root, f"Fa/{stated[0].tag.replace('P_13', 'P_14')}")


def _terms(root: Element) -> str | None:
    described = root.find("Fa/Platnosc/TerminPlatnosci/TerminOpis")
    return None if described is None else values.line(" ".join(described.itertext()), values.MAX_TERMS)


def _accounts(root: Element) -> tuple[str, ...]:
    # 26 digits are a Polish account: its IBAN without the country's letters.
    numbers = (text.replace(" ", "") for text in elements.texts(root, ["Fa/Platnosc/RachunekBankowy/NrRB"]))
    stated = (values.iban(f"PL{each}" if _NATIONAL_ACCOUNT.fullmatch(each) else each) for each in numbers)
    return tuple(dict.fromkeys(filter(None, stated)))[: values.MAX_IBANS]


def _party(root: Element, path: str) -> Party:
    who = f"{path}/DaneIdentyfikacyjne"
    # A NIP is a Polish number by its element's name, and a VAT id has its country's letters.
    nip = elements.identifier(root, f"{who}/NIP")
    vat_id = f"PL{nip}" if nip else elements.joined(root, f"{who}/KodUE", f"{who}/NrVatUE")
    return Party(
        name=elements.name(root, f"{who}/Nazwa") or elements.joined(root, f"{who}/ImiePierwsze", f"{who}/Nazwisko"),
        vat_id=values.tax_number(vat_id),
        country=elements.country(root, f"{path}/Adres/KodKraju"),
    )
