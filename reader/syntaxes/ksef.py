"""KSeF of Poland: the logical structures FA(2) and FA(3) (crd.gov.pl)."""

from xml.etree.ElementTree import Element

from reader import fields
from reader.syntaxes.elements import first, only, texts
from shared.text.iban import checks
from shared.wire.facts import Amounts, Facts, Kind, Party, Source

NAMESPACE = "http://crd.gov.pl/wzor/"


def takes(namespace: str, root: Element) -> bool:
    return root.tag == "Faktura" and namespace.startswith(NAMESPACE)


def facts(root: Element) -> Facts:
    """Net and tax are stated by rate, each in a field of its own: where there are several, no sum is stated."""
    found = root.find("Fa")
    invoice = Element("nothing") if found is None else found
    accounts = map(_account, texts(invoice, "Platnosc/RachunekBankowy/NrRB"))
    return Facts(
        source=Source.XML,
        syntax="KSeF",
        kind=Kind.CREDIT_NOTE if fields.code(first(invoice, "RodzajFaktury")).startswith("KOR") else Kind.INVOICE,
        number=fields.text(first(invoice, "P_2")),
        issued=fields.day(first(invoice, "P_1")),
        due=only(map(fields.day, texts(invoice, "Platnosc/TerminPlatnosci/Termin"))),
        currency=fields.currency(first(invoice, "KodWaluty")),
        amounts=Amounts(
            net=_one(invoice, "P_13_"),
            tax=_one(invoice, "P_14_"),
            total=fields.amount(first(invoice, "P_15")),
        ),
        supplier=_party(root.find("Podmiot1")),
        buyer=_party(root.find("Podmiot2")),
        order=fields.text(first(invoice, "WarunkiTransakcji/Zamowienia/NrZamowienia")),
        ibans=tuple(dict.fromkeys(account for account in accounts if account)),
    )


def _one(invoice: Element, start: str) -> str | None:
    """`P_14_1W` and the like are the tax once more, in złoty."""
    found = [each.text for each in invoice if each.tag.startswith(start) and not each.tag.endswith("W")]
    return fields.amount(found[0]) if len(found) == 1 else None


def _account(number: str) -> str | None:
    """Within Poland an account is written without its country."""
    found = fields.iban(number) or fields.iban(f"PL{number}")
    return found if found and checks(found) else fields.iban(number)


def _party(party: Element | None) -> Party:
    if party is None:
        return Party()
    own = "DaneIdentyfikacyjne"
    polish, prefix, number = (first(party, f"{own}/{name}") for name in ("NIP", "KodUE", "NrVatUE"))
    abroad = f"{prefix}{number}" if prefix and number else None
    return Party(
        name=fields.text(first(party, f"{own}/Nazwa", f"{own}/PelnaNazwa")),
        vat_id=fields.vat_id(f"PL{polish}" if polish else abroad),
        tax_id=fields.text(first(party, f"{own}/NrID")),
        country=fields.country(first(party, "Adres/KodKraju")),
    )
