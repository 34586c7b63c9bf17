"""FatturaPA of Italy (versions 1.2, ordinary invoices; agenziaentrate.gov.it, "Formato della FatturaPA")."""

from xml.etree.ElementTree import Element

from reader import fields
from reader.syntaxes.elements import first, only, texts
from shared.wire.facts import Amounts, Facts, Kind, Party, Source

CREDIT_NOTES = frozenset(("TD04", "TD08"))


def takes(namespace: str, root: Element) -> bool:
    return root.tag == "FatturaElettronica" and "fatture" in namespace


def facts(root: Element) -> Facts:
    """Of the first body. Net and tax are stated by rate: where there are several rates, no sum is stated."""
    bodies = root.findall("FatturaElettronicaBody")
    body = bodies[0] if bodies else Element("nothing")
    document, payment = "DatiGenerali/DatiGeneraliDocumento", "DatiPagamento/DettaglioPagamento"
    accounts = map(fields.iban, texts(body, f"{payment}/IBAN"))
    return Facts(
        source=Source.XML,
        syntax="FatturaPA",
        kind=Kind.CREDIT_NOTE
        if fields.code(first(body, f"{document}/TipoDocumento")) in CREDIT_NOTES
        else Kind.INVOICE,
        number=fields.text(first(body, f"{document}/Numero")),
        issued=fields.day(first(body, f"{document}/Data")),
        due=only(map(fields.day, texts(body, f"{payment}/DataScadenzaPagamento"))),
        currency=fields.currency(first(body, f"{document}/Divisa")),
        amounts=Amounts(
            net=_one(body, "DatiBeniServizi/DatiRiepilogo/ImponibileImporto"),
            tax=_one(body, "DatiBeniServizi/DatiRiepilogo/Imposta"),
            total=fields.amount(first(body, f"{document}/ImportoTotaleDocumento")),
            payable=_one(body, f"{payment}/ImportoPagamento"),
        ),
        supplier=_party(root.find("FatturaElettronicaHeader/CedentePrestatore")),
        buyer=_party(root.find("FatturaElettronicaHeader/CessionarioCommittente")),
        payee=fields.text(first(body, f"{payment}/Beneficiario")),
        order=fields.text(first(body, "DatiGenerali/DatiOrdineAcquisto/IdDocumento")),
        ibans=tuple(dict.fromkeys(account for account in accounts if account)),
        payment_reference=fields.text(first(body, f"{payment}/CodicePagamento")),
        invoices=len(bodies) if len(bodies) > 1 else None,
    )


def _one(body: Element, path: str) -> str | None:
    found = texts(body, path)
    return fields.amount(found[0]) if len(found) == 1 else None


def _party(party: Element | None) -> Party:
    if party is None:
        return Party()
    own = "DatiAnagrafici"
    country, number = first(party, f"{own}/IdFiscaleIVA/IdPaese"), first(party, f"{own}/IdFiscaleIVA/IdCodice")
    persons = filter(None, (first(party, f"{own}/Anagrafica/Nome"), first(party, f"{own}/Anagrafica/Cognome")))
    return Party(
        name=fields.text(first(party, f"{own}/Anagrafica/Denominazione") or " ".join(persons)),
        vat_id=fields.vat_id(f"{country}{number}") if country and number else None,
        tax_id=fields.text(first(party, f"{own}/CodiceFiscale")),
        country=fields.country(first(party, "Sede/Nazione")),
    )
