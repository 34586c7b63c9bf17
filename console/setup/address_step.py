"""The address that the portal calls, and what may be wrong with one that it will not be able to call."""

from urllib.parse import urlsplit, urlunsplit

from console.settings import Address
from console.setup.given import Given, Known
from console.setup.person import Person
from console.webhook.private import DELETED, private_address
from shared.process.settings import SettingsError, load
from shared.process.webhook_settings import PATH

URL = "WEBHOOK_URL"
PUBLIC_HOST = "PUBLIC_HOST"
"""Of Compose: the name that Caddy has a certificate for."""


def webhook_url(person: Person, given: Given, known: Known) -> str:
    host = known.get(PUBLIC_HOST)
    usual = known.get(URL) or (host and f"https://{host}{PATH}")
    question = f"The ingress's public address (https://your.host{PATH})"
    url = person.answer(question, "--webhook-url", _url, given=given.webhook_url, known=usual)
    for doubt in doubts(url):
        person.tell(f"  note: {doubt}")
    if not host and urlsplit(url).scheme == "https":
        person.tell(
            "  note: the ingress listens on 127.0.0.1:3000. In front of it goes your proxy or tunnel for https; "
            f"under Compose {PUBLIC_HOST}={urlsplit(url).hostname} in .env starts Caddy instead"
        )
    return url


def doubts(url: str) -> list[str]:
    """What DocSpace's cloud would not take of it. One's own DocSpace may."""
    parts = urlsplit(url)
    found = [] if parts.scheme == "https" else ["DocSpace's cloud calls https addresses only"]
    host = parts.hostname or ""
    private = private_address(host)
    if private:
        found.append(
            f"{host} {'is' if private == host else f'resolves to {private},'} a private address: {DELETED}"
        )
    return found


def _url(text: str) -> str:
    """With https and the ingress's path where nothing else is said."""
    parts = urlsplit(text if "://" in text else f"https://{text}")
    url = urlunsplit(parts._replace(path=parts.path.rstrip("/") or PATH))
    try:
        load(Address, {URL: url})
    except SettingsError as error:
        raise ValueError(str(error).removeprefix(f"{URL}: ")) from None
    if not parts.hostname:
        raise ValueError(f"{text!r} names no host")
    return url
