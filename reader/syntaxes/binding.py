"""The syntaxes of EN 16931 as tables of paths, and the one way in which such a table is read."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from reader.syntaxes import elements, values
from shared.wire.facts import Amounts, Facts, Kind, Party


@dataclass(frozen=True, kw_only=True)
class PartyPaths:
    """From the root, each."""

    names: tuple[str, ...]
    country: str
    tax_registration: str
    """The element of each of its tax numbers."""


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Where a syntax states each fact. Of several paths the first that states it wins."""

    syntax: str
    number: str
    issued: str
    due: tuple[str, ...]
    terms: str
    currency: str
    net: str
    tax: str
    total: str
    prepaid: str
    payable: str
    supplier: PartyPaths
    buyer: PartyPaths
    payee: str
    buyer_reference: str
    order: str
    ibans: tuple[str, ...]
    payment_reference: str
    tax_number: str
    """In a tax registration: its number."""
    tax_scheme: str
    """In a tax registration: what the number is for; `@` and a name for the number's own attribute."""
    vat_schemes: tuple[str, ...]
    """What `tax_scheme` says of a VAT id (BT-31)."""
    local_schemes: tuple[str, ...] | None
    """What it says of the seller's local number (BT-32); None: all that is no VAT id."""


def facts_by(binding: Binding, root: Element, kind: Kind | None) -> Facts:
    """The facts where `binding` says. If there are several due dates, as of instalments, the first."""
    currency = (root.findtext(binding.currency) or "").strip()

    def amount(path: str) -> str | None:
        return _in_currency(root, path, currency)

    return Facts(
        syntax=binding.syntax,
        kind=kind,
        number=elements.identifier(root, binding.number),
        issued=elements.day(root, binding.issued),
        due=elements.day(root, *binding.due),
        terms=values.lines("\n".join(elements.texts(root, [binding.terms])), values.MAX_TERMS),
        currency=elements.currency(root, binding.currency),
        amounts=Amounts(
            net=amount(binding.net),
            tax=amount(binding.tax),
            total=amount(binding.total),
            prepaid=amount(binding.prepaid),
            payable=amount(binding.payable),
        ),
        supplier=_party(binding, binding.supplier, root, is_seller=True),
        buyer=_party(binding, binding.buyer, root, is_seller=False),
        payee=elements.name(root, binding.payee),
        buyer_reference=elements.identifier(root, binding.buyer_reference),
        order=elements.identifier(root, binding.order),
        ibans=elements.ibans(root, *binding.ibans),
        payment_reference=elements.identifier(root, binding.payment_reference),
    )


def _in_currency(root: Element, path: str, currency: str) -> str | None:
    # BT-111, the tax in the seller's own currency, stands beside BT-110 and differs by its attribute alone.
    stated = root.findall(path)
    in_currency = [element for element in stated if element.get("currencyID") in (currency, None, "")]
    if not currency and len(stated) == 1:
        in_currency = stated
    return values.amount(in_currency[0].text) if in_currency else None


def _party(binding: Binding, paths: PartyPaths, root: Element, *, is_seller: bool) -> Party:
    vat_id = tax_id = None
    for registration in root.iterfind(paths.tax_registration):
        number = registration.find(binding.tax_number)
        if number is None:
            continue
        scheme = _scheme(binding, registration, number)
        if scheme in binding.vat_schemes:
            vat_id = vat_id or values.tax_number(number.text)
        elif is_seller and (binding.local_schemes is None or scheme in binding.local_schemes):
            tax_id = tax_id or values.line(number.text, values.MAX_ID)
    return Party(
        name=elements.name(root, *paths.names),
        vat_id=vat_id,
        tax_id=tax_id,
        country=elements.country(root, paths.country),
    )


def _scheme(binding: Binding, registration: Element, number: Element) -> str:
    if binding.tax_scheme.startswith("@"):
        stated = number.get(binding.tax_scheme[1:])
    else:
        stated = registration.findtext(binding.tax_scheme)
    return (stated or "").strip().upper()
