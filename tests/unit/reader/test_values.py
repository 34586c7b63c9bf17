"""Values from outside in one form, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.syntaxes import values


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("1190.00", "1190.00"),
        ("1190", "1190.00"),
        (" +01190.5\n", "1190.50"),
        ("1.19E3", "1190.00"),
        ("-0.00", "0.00"),
        (".5", "0.50"),
        ("12.", "12.00"),
        ("0.12345", "0.12345"),
        ("1,190.00", None),
        ("1190,00", None),
        ("1 190.00", None),
        ("NaN", None),
        ("1E999999999", None),
        ("١٢", None),
        ("", None),
        (None, None),
    ],
)
def test_amounts_have_one_form(stated: str | None, expected: str | None) -> None:
    assert values.amount(stated) == expected


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15))
def test_an_amount_is_the_same_number(number: Decimal) -> None:
    written = values.amount(str(number))
    assert written is not None
    assert Decimal(written) == number
    assert set(written) <= set("-.0123456789")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2026-11-13", "2026-11-13"),
        ("2026-11-13Z", "2026-11-13"),
        ("2026-11-13+01:00", "2026-11-13"),
        ("2026-11-13T00:00:00", "2026-11-13"),
        ("2012-10-22T16:46:12.000+02:00", "2012-10-22"),
        ("20261113", "2026-11-13"),
        ("20261301", None),
        ("2026-02-30", None),
        ("13.11.2026", None),
        ("202611", None),
        ("", None),
    ],
)
def test_dates_are_iso_8601(stated: str, expected: str | None) -> None:
    assert values.day(stated) == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("DE02 1203 0000 0000 2020 51", "DE02120300000000202051"),
        ("nl91abna0417164300", "NL91ABNA0417164300"),
        ("1234567", None),
        ("DE02", None),
        ("", None),
    ],
)
def test_accounts_are_ibans_without_blanks(stated: str, expected: str | None) -> None:
    assert values.iban(stated) == expected


def test_a_vat_id_has_capitals_and_no_blanks() -> None:
    assert values.tax_number(" de 123 456\u00a0789 ") == "DE123456789"


@pytest.mark.parametrize(("stated", "expected"), [("eur", "EUR"), ("EURO", None), ("€", None), ("ÄÖÜ", None)])
def test_a_currency_is_three_letters(stated: str, expected: str | None) -> None:
    assert values.code(stated, 3) == expected


def test_texts_have_limits_and_no_controls() -> None:
    assert values.line("a\x00b\x1b[31m\u202ec\n\td", 500) == "ab[31mc d"
    assert values.line("x" * 9_000, values.MAX_NAME) == "x" * 500
    assert values.lines(" 30 days \r\n\r\n 2 %\tSkonto ", 2_000) == "30 days\n2 % Skonto"
    assert values.line(" \n ", 10) is None
