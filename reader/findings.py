"""What is odd about an invoice by itself. Pure. None of it holds an invoice back: a person looks."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from shared.text.iban import checks
from shared.wire.facts import Facts, Finding, Kind, Odd

SOON_DAYS = 3
"""Fewer than a weekend and a day: who pays once a week may be late."""
BY_THE_STANDARD = frozenset(("CII", "UBL", "ZUGFeRD 1"))
"""Their sums follow EN 16931 (BR-CO-15, BR-CO-16). In others a stamp or a withheld tax may stand between them."""
CENTS = Decimal("0.02")
"""Tax may be rounded by line or by rate."""
ROUNDED = Decimal(1)
"""What is to be paid may be rounded to a whole unit (BT-114, which is not read)."""
LAST_CHARS = 4


def found(facts: Facts, today: dt.date) -> tuple[Finding, ...]:
    """`today` is the day on which it came. Nothing of what was only guessed."""
    if not facts.stated:
        return ()
    return (*_accounts(facts), *_sums(facts), *_due(facts, today), *_several(facts))


def _accounts(facts: Facts) -> Iterator[Finding]:
    for iban in facts.ibans:
        if not checks(iban):
            yield Finding(code=Odd.IBAN_INVALID, detail=f"…{iban[-LAST_CHARS:]}")


def _sums(facts: Facts) -> Iterator[Finding]:
    if facts.syntax not in BY_THE_STANDARD:
        return
    stated = facts.amounts
    net, tax, total, payable = map(_number, (stated.net, stated.tax, stated.total, stated.payable))
    prepaid = _number(stated.prepaid)
    if net is not None and tax is not None and total is not None and abs(net + tax - total) > CENTS:
        yield Finding(code=Odd.TOTALS_WRONG, detail=f"{stated.net} + {stated.tax} ≠ {stated.total}")
    elif total is not None and payable is not None and not _fits(total, prepaid, payable):
        yield Finding(code=Odd.TOTALS_WRONG, detail=f"{stated.total} - {prepaid or 0} ≠ {stated.payable}")


def _fits(total: Decimal, prepaid: Decimal | None, payable: Decimal) -> bool:
    """Short profiles have no place for what was prepaid: then less than the total may be left to pay."""
    if prepaid is None:
        return abs(payable) < abs(total) + ROUNDED
    return abs(total - prepaid - payable) < ROUNDED


def _due(facts: Facts, today: dt.date) -> Iterator[Finding]:
    """Of a credit note nothing is to be paid."""
    if facts.due is None or facts.kind is Kind.CREDIT_NOTE:
        return
    left = (dt.date.fromisoformat(facts.due) - today).days
    if left < 0:
        yield Finding(code=Odd.DUE_PAST, detail=facts.due)
    elif left <= SOON_DAYS:
        yield Finding(code=Odd.DUE_SOON, detail=facts.due)


def _several(facts: Facts) -> Iterator[Finding]:
    if facts.invoices is not None:
        yield Finding(code=Odd.SEVERAL_INVOICES, detail=str(facts.invoices))


def _number(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)
