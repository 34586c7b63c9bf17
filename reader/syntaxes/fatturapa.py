"""FatturaPA 1.x, the invoice of Italy's exchange system. Names of the elements after its schema.

It has no sums over all rates: net and tax are stated where there is one rate, and absent else.
"""

from xml.etree.ElementTree import Element

from reader.syntaxes import elements, values
from shared.wire.facts import Amounts, Facts, Kind, Party

_CREDIT_NOTES = ("TD04", "TD08")
_DOCUMENT = "DatiGenerali/DatiGeneraliDocumento"
_RATE = "DatiBeniServizi/DatiRiepilogo"
_PAYMENT = "DatiPagamento/DettaglioPagamento"


def facts_of(root: Element) -> Facts:
    """Those of the first body; `invoices` says how many there are, if there are more."""
    bodies = root.findall("FatturaElettronicaBody")
    body = bodies[0] if bodies else root
    document_type = (body.findtext(f"{_DOCUMENT}/TipoDocumento") or "").strip()
    return Facts(
        syntax="FatturaPA",
        kind=Kind.CREDIT_NOTE if document_type in _CREDIT_NOTES else Kind.INVOICE,
        number=elements.identifier(body, f"{_DOCUMENT}/Numero"),
        issued=elements.day(body, f"{_DOCUMENT}/Data"),
        due=elements.day(body, f"{_PAYMENT}/DataScadenzaPagamento"),
        currency=elements.currency(body, f"{_DOCUMENT}/Divisa"),
        amounts=Amounts(
            net=elements.only_amount(body, f"{_RATE}/ImponibileImporto"),
            tax=elements.only_amount(body, f"{_RATE}/Imposta"),
            total=elements.amount(body, f"{_DOCUMENT}/ImportoTotaleDocumento"),
            payable=elements.only_amount(body, f"{_PAYMENT}/ImportoPagamento"),
        ),
        supplier=_party(root, "FatturaElettronicaHeader/CedentePrestatore", is_seller=True),
        buyer=_party(root, "FatturaElettronicaHeader/CessionarioCommittente", is_seller=False),
        payee=elements.name(body, f"{_PAYMENT}/Beneficiario"),
        order=elements.identifier(body, "DatiGenerali/DatiOrdineAcquisto/IdDocumento"),
        ibans=elements.ibans(body, f"{_PAYMENT}/IBAN"),
        payment_reference=elements.identifier(body, f"{_PAYMENT}/CodicePagamento"),
        invoices=len(bodies) if len(bodies) > 1 else None,
    )


def _party(root: Element, path: str, *, is_seller: bool) -> Party:
    party = root.find(path)
    if party is None:
        return Party()
    person = "DatiAnagrafici/Anagrafica"
    vat = "DatiAnagrafici/IdFiscaleIVA"
    return Party(
        name=elements.name(party, f"{person}/Denominazione")
        or elements.joined(party, f"{person}/Nome", f"{person}/Cognome"),
        vat_id=values.tax_number(elements.joined(party, f"{vat}/IdPaese", f"{vat}/IdCodice")),
        tax_id=elements.identifier(party, "DatiAnagrafici/CodiceFiscale") if is_seller else None,
        country=elements.country(party, "Sede/Nazione"),
    )
