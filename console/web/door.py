"""Who a request is from: by the cookie of a session, or by what a trusted proxy says. Blocks.

While the database cannot be asked, whoever it knew within the last quarter of an hour may go on looking, as a
viewer: the pages that say what is wrong are of use just then.
"""

import hmac
import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from console.web.address import FORBIDDEN
from console.web.settings import WebSettings
from console.web.site import RefusedError
from shared.errors import TransientError
from shared.store.people.membership import Membership
from shared.store.people.person import Person, Role
from shared.store.people.tokens import hash_of

SECURE_COOKIE, PLAIN_COOKIE = "__Host-intake", "intake"
"""On https the browser itself sees to it that no other host and no plain page sets it."""
PROXY_SECRET_HEADER = "X-Intake-Proxy-Secret"  # noqa: S105 - its name

REMEMBERED_S = 900.0
MOST_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Knock:
    """What a request shows of who sends it."""

    token: str | None
    """Of the session, from the cookie."""
    peer: str
    """The address of the connection: of the proxy, where one stands in front."""
    header: Callable[[str], str | None]
    changes: bool
    """Whether it wants to change something."""


@dataclass(frozen=True, slots=True)
class Entered:
    person: Person
    session: str | None
    """Its public id; None for who was let in by the proxy."""


class Door(Protocol):
    def who(self, knock: Knock, /) -> Entered | None:
        """None for somebody who is not signed in. TransientError where it cannot be known.

        RefusedError for somebody whom a proxy names, and who has no role here.
        """


class PeoplesDoor(Door):
    """Safe from several threads."""

    def __init__(
        self,
        settings: WebSettings,
        membership: Membership,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._membership = membership
        self._clock = clock
        self._known = _Known()

    def who(self, knock: Knock, /) -> Entered | None:
        named = self._by_proxy(knock)
        if named is not None:
            return self._remembered(f"proxy:{named}", knock, lambda: self._of_proxy(named))
        token = knock.token
        if not token:
            return None
        return self._remembered(hash_of(token), knock, lambda: self._of_session(token))

    def _by_proxy(self, knock: Knock) -> str | None:
        """Whom a proxy has signed in. What anybody else says of themselves is not looked at."""
        secret = self._settings.web_proxy_secret
        if secret is None or not is_among(knock.peer, self._settings):
            return None
        told = knock.header(PROXY_SECRET_HEADER) or ""
        if not hmac.compare_digest(told.encode(), secret.get_secret_value().encode()):
            return None
        return (knock.header(self._settings.web_proxy_header) or "").strip() or None

    def _of_proxy(self, name: str) -> Entered:
        person = self._membership.people.find(name)
        if person is None:
            raise RefusedError(
                FORBIDDEN,
                f"the proxy signed {name[:100]} in, who has no role here: an admin invites them on /people",
            )
        return Entered(person, None)

    def _of_session(self, token: str) -> Entered | None:
        session = self._membership.sessions.find(token, self._clock())
        return None if session is None else Entered(session.person, session.id)

    def _remembered(self, key: str, knock: Knock, ask: Callable[[], Entered | None]) -> Entered | None:
        try:
            entered = ask()
        except TransientError:
            known = None if knock.changes else self._known.find(key, self._clock())
            if known is None:
                raise
            return replace(known, person=replace(known.person, role=Role.VIEWER))
        self._known.keep(key, entered, self._clock())
        return entered


def is_among(peer: str, settings: WebSettings) -> bool:
    """Whether this address is that of a proxy of ours."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in settings.web_proxy_addresses)


def client_address(peer: str, forwarded_for: str | None, settings: WebSettings) -> str:
    """Of the person's computer, as far as it can be trusted: a proxy adds whom it saw at the end."""
    last = (forwarded_for or "").rpartition(",")[2].strip()
    return last or peer if is_among(peer, settings) else peer


class _Known:
    """Who was known lately; bounded."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, tuple[Entered, float]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, key: str, entered: Entered | None, now: float) -> None:
        with self._lock:
            self._found.pop(key, None)
            if entered is not None:
                self._found[key] = (entered, now)
            while len(self._found) > MOST_REMEMBERED:
                self._found.popitem(last=False)

    def find(self, key: str, now: float) -> Entered | None:
        with self._lock:
            entered, at = self._found.get(key, (None, 0.0))
        return entered if now - at <= REMEMBERED_S else None
