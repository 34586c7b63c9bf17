"""What a type code says (BT-3): UNTDID 1001, as the validation artefacts of EN 16931 (1.3.15) divide it."""

from reader import fields
from shared.wire.facts import Kind

CREDIT_NOTES = frozenset(("81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"))
_NO_INVOICES = frozenset(("325", "220", "231", "351"))
"""A proforma invoice, an order, a response to an order, a despatch advice."""


def kind_of(code: str | None) -> Kind | None:
    """None for what asks nobody for payment."""
    found = fields.code(code)
    if found in _NO_INVOICES:
        return None
    return Kind.CREDIT_NOTE if found in CREDIT_NOTES else Kind.INVOICE
