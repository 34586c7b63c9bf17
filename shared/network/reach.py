"""Which addresses we may connect to where a person named the host: those of the internet, unless more is allowed.

A name is resolved once, and the connection goes to an address that was looked at: a name that answers otherwise the
next time leads nowhere else.
"""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address as IPv4
from ipaddress import IPv6Address as IPv6
from typing import Any

Resolve = Callable[..., list[Any]]
"""As `socket.getaddrinfo`."""

_UNICAST = ipaddress.ip_network("2000::/3")
"""All that IANA gives to the internet; an address elsewhere is of a network of somebody's own, or none."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address, which a gateway connects to."""
_METADATA = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "100.100.100.200", "fd00:ec2::254")))
"""Where AWS, Azure, Google, Alibaba and others tell a machine its credentials."""


class NotAllowedError(Exception):
    """Every address that the name has is one that we may not connect to."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address to connect to, as `socket.connect` takes it."""

    family: int
    where: tuple[Any, ...]


def places(
    host: str, port: int, *, private: bool, within_s: float, resolve: Resolve = socket.getaddrinfo
) -> list[Place]:
    """Those of the host's addresses that may be connected to. `private`: also those of private networks.

    NotAllowedError says why there is none. OSError if the name cannot be resolved, or not in time.
    """
    found = _resolved(host, port, within_s, resolve)
    refused = {str(where[0]): refusal(str(where[0]), private=private) for _, where in found}
    allowed = [Place(family, where) for family, where in found if refused[str(where[0])] is None]
    if not allowed:
        raise NotAllowedError("; ".join(f"{address} {why}" for address, why in refused.items() if why))
    return allowed


def refusal(address: str, *, private: bool) -> str | None:
    """Why we may not connect to the address, None if we may. Pure."""
    ip = _meant(ipaddress.ip_address(address.partition("%")[0]))
    if ip in _METADATA:
        return "is where a cloud tells a machine its credentials"
    if ip.is_link_local:
        return "is a link-local address"
    if ip.is_multicast or ip.is_unspecified or (isinstance(ip, IPv4) and (ip.is_reserved or ip.packed[0] == 0)):
        return "is no address of one machine"
    if private:
        return None
    if ip.is_loopback:
        return "is this machine itself"
    is_of_internet = ip.is_global and (isinstance(ip, IPv4) or ip in _UNICAST)
    return None if is_of_internet else "is not an address of the internet"


def _meant(ip: IPv4 | IPv6) -> IPv4 | IPv6:
    """The IPv4 address that is written as one of IPv6, where a kernel or a gateway connects to that."""
    if isinstance(ip, IPv4):
        return ip
    if ip in _NAT64:
        return IPv4(ip.packed[-4:])
    return ip.ipv4_mapped or ip.sixtofour or ip


def _resolved(host: str, port: int, within_s: float, resolve: Resolve) -> list[tuple[int, tuple[Any, ...]]]:
    """On a thread of its own, as nothing else ends a resolver that hangs."""
    answers: queue.SimpleQueue[list[Any] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=max(0.0, within_s))
    except queue.Empty:
        raise TimeoutError("the name was not resolved in time") from None
    if isinstance(answer, UnicodeError):
        raise OSError("the name cannot be one of a host") from answer
    if isinstance(answer, OSError):
        raise answer
    return [(family, where) for family, _, _, _, where in answer]
