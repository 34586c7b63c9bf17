"""Reads a broker's URL for pika."""

from pathlib import Path
from urllib.parse import quote

import pika

from shared.network.tls import system_directory
from shared.network.urls import ESCAPING, ascii_host, split

SCHEMES = ("amqp", "amqps")


def parameters(url: str) -> pika.URLParameters:
    """Pika's parameters for the URL. ValueError, without any part of the URL, if pika would read it differently
    from what it says.
    """
    parts = split(url, SCHEMES)
    if (parts.username is None) != (parts.password is None):
        raise ValueError(f"needs both a user name and a password, or neither ({ESCAPING})")
    if parts.path.count("/") > 1:
        raise ValueError(f"has a second / behind the host ({ESCAPING})")
    try:
        found = pika.URLParameters(url)
    except Exception:  # noqa: BLE001 - pika evaluates some options as Python; whatever it says may quote the URL
        raise ValueError(
            "has an option that pika cannot read (it takes those of its URLParameters, such as ?heartbeat=30)"
        ) from None
    found.host = ascii_host(found.host)
    return found


def trusting(url: str, ca_file: Path | None) -> str:
    """The URL with pika's option for the authorities in `ca_file`, if it uses TLS and names none itself."""
    parts = split(url, SCHEMES)
    if ca_file is None or parts.scheme != "amqps" or "ssl_options=" in parts.query:
        return url
    options = {"cafile": str(ca_file), **({"capath": found} if (found := system_directory()) else {})}
    return f"{url}{'&' if '?' in url else '?'}ssl_options={quote(repr(options), safe='')}"
