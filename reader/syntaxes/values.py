"""Values as a syntax states them, brought to one form. What has no such form is absent, never guessed."""

import re
from datetime import date
from decimal import Decimal

MAX_NAME = 500
MAX_ID = 200
MAX_TERMS = 2_000
MAX_IBANS = 10

_AMOUNT = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})(?:[eE][+-]?[0-9]{1,2})?")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]{5,18})?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def line(text: str | None, limit: int) -> str | None:
    """On one line, with single blanks, at most `limit` characters."""
    return " ".join(_CONTROLS.sub("", text or "").split())[:limit].rstrip() or None


def lines(text: str | None, limit: int) -> str | None:
    """With its line breaks, without blanks around a line and without empty lines."""
    kept = (" ".join(each.split()) for each in _CONTROLS.sub("", text or "").splitlines())
    return "\n".join(filter(None, kept))[:limit].rstrip() or None


def amount(text: str | None) -> str | None:
    """An xs:decimal in one form: two decimals or more, no plus, exponent or needless zero.

    So `473`, `+473.0` and `4.73E2` are all `473.00`, as UBL and CII write one figure in several ways.
    """
    stated = (text or "").strip()
    if not _AMOUNT.fullmatch(stated):
        return None
    whole, _, decimals = format(Decimal(stated), "f").partition(".")
    plain = f"{whole}.{decimals.rstrip('0'):0<2}"
    return plain if Decimal(plain) else "0.00"


def day(text: str | None) -> str | None:
    """An xs:date or xs:dateTime as ISO 8601 without time and zone, or `20261113` (format 102 of UNTDID 2379)."""
    stated = (text or "").strip()
    if len(stated) == len("20261113") and stated.isascii() and stated.isdigit():
        stated = f"{stated[:4]}-{stated[4:6]}-{stated[6:]}"
    found = _DATE.fullmatch(stated)
    try:
        return date.fromisoformat(found[1]).isoformat() if found else None
    except ValueError:  # the 31st of April
        return None


def tax_number(text: str | None) -> str | None:
    """A VAT id in capitals without blanks."""
    return (line(text, MAX_ID) or "").replace(" ", "").upper() or None


def iban(text: str | None) -> str | None:
    """An account in the form of ISO 13616, its check digits not looked at; a national number is absent."""
    stated = (line(text, MAX_ID) or "").replace(" ", "").upper()
    return stated if _IBAN.fullmatch(stated) else None


def code(text: str | None, letters: int) -> str | None:
    """Letters of a currency or country, in capitals."""
    stated = (text or "").strip().upper()
    return stated if len(stated) == letters and stated.isascii() and stated.isalpha() else None
