"""Brings what a document states into the form of `shared.wire.facts`. What has another form is left out."""

import datetime as dt
import re
import unicodedata
from decimal import Decimal, InvalidOperation

NAME_CHARS, TERMS_CHARS = 300, 2000
"""Limits of texts. Longer ones are cut: they are for people to recognise."""
_AMOUNT = re.compile(r"[+-]?\d{1,18}(\.\d{1,10})?")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)([TZ+-].*)?", re.DOTALL)
_PLAIN_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_VAT_ID = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,20}")
_BLANKS = re.compile(r"\s+")


def text(value: str | None, most: int = NAME_CHARS) -> str | None:
    """In one line, without control characters; None where nothing is left."""
    if value is None:
        return None
    spaced = _BLANKS.sub(" ", value[: 4 * most])
    printable = "".join(char for char in spaced if unicodedata.category(char)[0] != "C")
    return printable.strip()[:most] or None


def amount(value: str | None) -> str | None:
    """With a point, at least two and no more decimals than were stated: `1190.00`, `0.125`."""
    if value is None or not _AMOUNT.fullmatch(stripped := value.strip()):
        return None
    try:
        number = Decimal(stripped)
    except InvalidOperation:
        return None
    whole = number.quantize(Decimal("0.01"))
    return f"{whole if whole == number else number.normalize():f}"


def day(value: str | None) -> str | None:
    """Of `2026-11-30`, with or without a zone or a time behind it, and of `20261130`."""
    if value is None:
        return None
    found = _DAY.fullmatch(value.strip()) or _PLAIN_DAY.fullmatch(value.strip())
    if found is None:
        return None
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def code(value: str | None) -> str:
    return (value or "").strip().upper()


def currency(value: str | None) -> str | None:
    return found if _CURRENCY.fullmatch(found := code(value)) else None


def country(value: str | None) -> str | None:
    return found if _COUNTRY.fullmatch(found := code(value)) else None


def iban(value: str | None) -> str | None:
    """What has the form of one; its check digits may be wrong."""
    return found if _IBAN.fullmatch(found := _without_blanks(value)) else None


def vat_id(value: str | None) -> str | None:
    return found if _VAT_ID.fullmatch(found := _without_blanks(value)) else None


def _without_blanks(value: str | None) -> str:
    return _BLANKS.sub("", value or "").upper()[:64]
