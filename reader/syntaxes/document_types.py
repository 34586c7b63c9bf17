"""BT-3: codes of UNTDID 1001, as the code lists of EN 16931 part them into invoices and credit notes."""

from shared.wire.facts import Kind

_CREDIT_NOTES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"})
_PRO_FORMA = "325"


def kind_of(code: str | None) -> Kind | None:
    """A file of an invoice's syntax is an invoice, if its code does not say otherwise. Pro forma is neither."""
    stated = (code or "").strip()
    if stated == _PRO_FORMA:
        return None
    return Kind.CREDIT_NOTE if stated in _CREDIT_NOTES else Kind.INVOICE


def correction(*, corrects: bool, total: str | None) -> Kind:
    """What a corrective invoice of a law without credit notes is: a credit note, if its total is negative."""
    return Kind.CREDIT_NOTE if corrects and (total or "").startswith("-") else Kind.INVOICE
