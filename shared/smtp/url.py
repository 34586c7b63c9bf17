"""What `SMTP_URL` says: `smtp://`, `smtps://` or `smtp+starttls://`, then `user:password@host:port`. Pure."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from shared.network.urls import ascii_host, split

Security = Literal["none", "tls", "starttls"]

SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("none", 25),
    "smtps": ("tls", 465),
    "smtp+starttls": ("starttls", 587),
}
"""How the connection is secured, and the port where the URL names none."""

EXAMPLE = "smtp+starttls://user:password@mail.example.com:587"
ESCAPING = "a special character in a user name or password is written as %XX"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    host: str
    port: int
    security: Security = "none"
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def parse_smtp_url(url: str) -> SmtpServer:
    """The server in `url`, credentials percent-decoded. ValueError says what is wrong, without the URL."""
    if url.partition("://")[0].lower() not in SCHEMES or "://" not in url:
        raise ValueError(f"must start with smtp://, smtps:// or smtp+starttls://, as in {EXAMPLE}")
    parts = split(url, tuple(SCHEMES))
    security, default_port = SCHEMES[parts.scheme]
    host, port = ascii_host(parts.hostname or ""), parts.port
    if not host:
        raise ValueError(f"names no host, as in {EXAMPLE}")
    if port == 0:
        raise ValueError("the port must be from 1 to 65535")
    if parts.path not in ("", "/") or parts.query:
        raise ValueError(f"must end after the port ({ESCAPING})")
    if (parts.username is None) != (parts.password is None) or parts.username == "":
        raise ValueError("needs both a user name and a password, or neither")
    user, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
    if not ((user or "") + (password or "")).isascii():
        raise ValueError("the user name and the password must be ASCII: SMTP logins carry nothing else")
    return SmtpServer(host, port or default_port, security, user, password)
