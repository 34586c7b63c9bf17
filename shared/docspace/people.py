"""A user's e-mail address, out of what the portal says of a user beside other things. Pure."""

import re
from urllib.parse import parse_qs, urlsplit

LONGEST = 254
"""Characters of an address that SMTP can carry (RFC 5321, 4.5.3.1.3)."""

_ADDRESS = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\]+")


def email(told: object) -> str | None:
    """The address, if it is one; None for anything else."""
    if not isinstance(told, str) or len(told) > LONGEST or not told.isprintable():
        return None
    return told if _ADDRESS.fullmatch(told) else None


def email_in_profile(url: str | None) -> str | None:
    """A `profileUrl` leads to the list of users with the address as its search:
    `…/accounts/people/filter?search=user%40example.com` (recorded: `more-guest-file.json`).
    """
    try:
        found = parse_qs(urlsplit(url or "").query).get("search", [])
    except ValueError:
        return None
    return email(found[0]) if len(found) == 1 else None
