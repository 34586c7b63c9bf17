"""E-mail addresses as a rules file has them. Pure."""

import re
from collections.abc import Iterable

from shared.network.domains import ascii_domain

_ADDRESS = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@(localhost|[^\s@<>(),;:\"\[\]\\.]+(\.[^\s@<>(),;:\"\[\]\\.]+)+)")


def email_address(value: str) -> str:
    """Without spaces around it; ValueError if it is none."""
    if not _ADDRESS.fullmatch(value.strip()) or not value.strip().isprintable():
        raise ValueError(f'"{value}" is not an e-mail address')
    try:
        ascii_domain(value.strip().partition("@")[2])
    except ValueError as error:
        raise ValueError(f'"{value}" is not an e-mail address: {error}') from None
    return value.strip()


def each_once(addresses: Iterable[str]) -> tuple[str, ...]:
    """In their order, as written first; case does not count."""
    first: dict[str, str] = {}
    for address in addresses:
        first.setdefault(address.casefold(), address)
    return tuple(first.values())
