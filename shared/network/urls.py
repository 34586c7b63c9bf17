"""Checks the URLs in the settings before a library would misread them, or quote them in an error. Pure.

No ValueError here shows the URL or a part of it. If a password holds a special character, any part of the URL may
hold a piece of the password: `amqp://me:12#4@host` is read as the host `me`, the port 12 and no password.
"""

import hashlib
from collections.abc import Sequence
from urllib.parse import SplitResult, quote, urlsplit

from shared.network.domains import ascii_domain

ESCAPING = (
    "in a user name, a password or a vhost a special character is written as %XX: "
    "@ is %40, # is %23, / is %2F, ? is %3F, % is %25"
)


def split(url: str, schemes: Sequence[str]) -> SplitResult:
    """The parts of the URL, the scheme in lower case. Raises ValueError if they cannot be what was meant."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.lower() not in schemes:
        raise ValueError(f"must start with {' or '.join(f'{one}://' for one in schemes)}")
    if not url.isprintable() or " " in url:
        raise ValueError(f"holds a space or a character that cannot be printed ({ESCAPING})")
    try:
        parts = urlsplit(f"{scheme.lower()}://{rest}")
        _ = parts.hostname, parts.port  # read here: their own errors would quote a part of the password
    except ValueError:
        raise ValueError(f"has a host or a port that cannot be read ({ESCAPING})") from None
    if "#" in rest or "@" in parts.path + parts.query or "@" in (parts.hostname or ""):
        raise ValueError(f"has a #, or an @ behind the host ({ESCAPING})")
    return parts


def web_address(url: str) -> str:
    """The http or https address, its scheme in lower case. ValueError for another, or one with a password."""
    parts = split(url, ("http", "https"))
    if "@" in parts.netloc:
        raise ValueError("must hold no user name and no password: they would be sent and shown")
    if not parts.hostname:
        raise ValueError("names no host")
    return f"{parts.scheme}://{url.partition('://')[2]}"


def with_password(url: str, password: str | None) -> str:
    """The URL with this password, where it holds a user name and no password. It need not be a URL at all."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    if not (password and separator and user) or ":" in user:
        return url
    return f"{scheme}{separator}{user}:{quote(password, safe='')}{at}{host}{slash}{path}"


def ascii_host(host: str) -> str:
    """The host in ASCII, as DNS and TLS need it. The ValueError does not show the host."""
    try:
        return ascii_domain(host)
    except ValueError:
        raise ValueError("has a host that IDNA 2008 does not allow") from None


def in_url(host: str) -> str:
    """The host as it is written in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def secret_id(url: str) -> str:
    """Names a channel whose URL is a secret: `slack:` and a hash, the same for the same URL."""
    return f"{url.partition('://')[0].lower()}:{hashlib.sha256(url.encode()).hexdigest()[:16]}"
