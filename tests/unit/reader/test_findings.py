"""What is odd about an invoice by itself, and what only looks so."""

import datetime as dt

import msgspec
import pytest

from reader.findings import SOON_DAYS, found
from shared.wire.facts import Amounts, Facts, Kind, Odd, Source
from tests.support.invoices.invoice import IBANS

TODAY = dt.date(2026, 12, 1)
FACTS = Facts(
    source=Source.PDF_XML,
    syntax="CII",
    kind=Kind.INVOICE,
    due="2026-12-31",
    amounts=Amounts(net="100.00", tax="19.00", total="119.00", payable="119.00"),
    ibans=IBANS,
)


def codes(**changed: object) -> list[Odd]:
    return [finding.code for finding in found(msgspec.structs.replace(FACTS, **changed), TODAY)]


def test_nothing_is_odd_about_a_right_invoice() -> None:
    assert codes() == []


@pytest.mark.parametrize("iban", IBANS)
def test_one_wrong_digit_of_an_account_is_found(iban: str) -> None:
    wrong = iban[:-1] + ("0" if iban[-1] != "0" else "1")
    (finding,) = found(msgspec.structs.replace(FACTS, ibans=(wrong,)), TODAY)
    assert (finding.code, finding.detail) == (Odd.IBAN_INVALID, f"…{wrong[-4:]}")


@pytest.mark.parametrize(
    ("amounts", "is_wrong"),
    [
        (Amounts(net="100.00", tax="19.00", total="119.02"), False),
        (Amounts(net="100.00", tax="19.00", total="119.03"), True),
        (Amounts(net="100.00", total="250.00"), False),
        (Amounts(total="119.00", prepaid="19.00", payable="100.00"), False),
        (Amounts(total="119.40", prepaid="0.00", payable="119.00"), False),
        (Amounts(total="119.00", prepaid="19.00", payable="119.00"), True),
        (Amounts(total="119.00", payable="50.00"), False),
        (Amounts(total="119.00", payable="150.00"), True),
        (Amounts(net="-100.00", tax="-19.00", total="-119.00", payable="-119.00"), False),
    ],
)
def test_sums_are_held_to_their_parts(amounts: Amounts, *, is_wrong: bool) -> None:
    assert codes(amounts=amounts) == ([Odd.TOTALS_WRONG] if is_wrong else [])


def test_a_syntax_with_other_sums_is_not_held_to_these() -> None:
    assert codes(syntax="FatturaPA", amounts=Amounts(net="1.00", tax="1.00", total="9.00")) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, [Odd.DUE_PAST]), (0, [Odd.DUE_SOON]), (SOON_DAYS, [Odd.DUE_SOON]), (SOON_DAYS + 1, [])],
)
def test_the_due_date_is_held_to_the_day_on_which_it_came(days: int, expected: list[Odd]) -> None:
    due = (TODAY + dt.timedelta(days)).isoformat()
    assert codes(due=due) == expected
    assert codes(due=due, kind=Kind.CREDIT_NOTE) == []


def test_a_file_with_several_invoices_says_so() -> None:
    assert codes(invoices=3) == [Odd.SEVERAL_INVOICES]


def test_of_what_was_guessed_nothing_is_odd() -> None:
    assert codes(source=Source.PDF_TEXT, ibans=("DE00",), due="2020-01-01") == []
