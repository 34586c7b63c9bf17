"""Our own address, as the browser has it; and whether a request that changes something comes from our pages.

A page of another site can make a browser send a form here, with the cookie of whoever is signed in. If the owner of
a name points it at 127.0.0.1 (DNS rebinding), its pages count as ours: only our own names are answered.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from console.web.headers import SAME_ORIGIN
from console.web.site import RefusedError

FORBIDDEN, MISDIRECTED = 403, 421

Header = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class OurAddress:
    origin: str
    """`https://intake.example.com`, `http://127.0.0.1:8081`."""
    is_https: bool
    is_loopback: bool

    @property
    def keeps_cookies(self) -> bool:
        """Whether a session's cookie may be trusted to the way: on plain http anybody on it could read it."""
        return self.is_https or self.is_loopback


def our_address(header: Header, public_url: str | None) -> OurAddress:
    """By the Host that was asked for. RefusedError where that is none of our names.

    Ours are the host of WEB_PUBLIC_URL, this machine's own names, and any numeric address: nobody can point those
    elsewhere. Only WEB_PUBLIC_URL can say https, as a proxy in front speaks it and we do not.
    """
    host = (header("Host") or "").strip().lower()
    public = urlsplit(public_url or "")
    if public.netloc and host == public.netloc.lower():
        return OurAddress(f"{public.scheme}://{host}", public.scheme == "https", is_loopback=_is_loopback(host))
    if _is_loopback(host) or _is_numeric(host):
        return OurAddress(f"http://{host}", is_https=False, is_loopback=_is_loopback(host))
    raise RefusedError(
        MISDIRECTED,
        f"{host[:100] or 'no name'} is not an address of this console: WEB_PUBLIC_URL says which it is. A proxy in "
        "front must pass the header Host on as it is",
    )


def check_same_origin(header: Header, ours: OurAddress) -> None:
    """For methods that change something. RefusedError unless the browser says that the request comes from our page.

    Browsers say it in Sec-Fetch-Site, on https and on this machine; older ones, and all on plain http, say in
    Origin which page it was. A request with neither is no browser's form.
    """
    site, origin = header("Sec-Fetch-Site"), header("Origin")
    if site == SAME_ORIGIN if site is not None else origin == ours.origin:
        return
    raise RefusedError(FORBIDDEN, "this request did not come from a page of this console, so nothing was done")


def _is_loopback(host: str) -> bool:
    name = _name(host)
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(_name(host))
    except ValueError:
        return False
    return True


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
