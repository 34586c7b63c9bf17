"""Whether an address leads to a private network, to which a DocSpace sends no webhook, unless it is told to."""

import ipaddress
import socket

DELETED = "DocSpace deletes a webhook that calls one, unless its own webhooks.blacklist lets it"


def private_address(host: str) -> str | None:
    """The first private one of the host's addresses, as this machine resolves it; None where it has none, or no
    name server says so. The portal may see another.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    addresses = (str(address[0]).partition("%")[0] for *_, address in found)
    return next((each for each in addresses if not ipaddress.ip_address(each).is_global), None)
