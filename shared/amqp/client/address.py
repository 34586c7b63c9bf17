"""Reads a broker's URL for pika."""

from urllib.parse import quote

import pika

from shared.network.tls import Files, distrust, system_directory
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


def trusting(url: str, files: Files) -> str:
    """The URL with pika's option for these files, if it uses TLS and has no such option itself."""
    parts = split(url, SCHEMES)
    if files == Files() or parts.scheme != "amqps" or "ssl_options=" in parts.query:
        return url
    named = {
        "cafile": files.authorities,
        "capath": system_directory(),
        "certfile": files.certificate,
        "keyfile": files.key,
    }
    options = {name: str(file) for name, file in named.items() if file}
    return f"{url}{'&' if '?' in url else '?'}ssl_options={quote(repr(options), safe='')}"


def distrusted(error: BaseException) -> str | None:
    """What is wrong with the broker's certificate, if that is why pika raised the error."""
    seen: list[object] = [error]
    for one in seen:  # grows: pika wraps an error in others, and in lists
        if isinstance(one, BaseException):
            if why := distrust(one):
                return why
            seen += [*one.args, getattr(one, "exceptions", None) or (), getattr(one, "exception", None)]
        elif isinstance(one, list | tuple):
            seen += one
    return None
