"""A sender's or recipient's address, as SMTP carries it. Pure."""

import re
from dataclasses import dataclass
from email.utils import getaddresses

from shared.network.domains import ascii_domain

_ADDRESS = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\]+")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address that SMTP can carry: its domain is in ASCII; its local part may need SMTPUTF8."""

    local: str
    domain: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def mailbox(text: str) -> Mailbox:
    """`manager@example.com` or `Manager <manager@example.com>`; ValueError if it is neither."""
    found = getaddresses([text])
    name, address = found[0] if len(found) == 1 else ("", "")
    if not text.isprintable() or not _ADDRESS.fullmatch(address):
        raise ValueError(f"{text!r} is not an e-mail address")
    local, domain = address.split("@")
    try:
        return Mailbox(local, ascii_domain(domain), name)
    except ValueError as error:
        raise ValueError(f"{text!r} is not an e-mail address: {error}") from None
