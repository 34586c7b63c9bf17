"""The portal as a whole: does it work, and does it take our key? Asked where an answer is not about an entry.

Three questions tell it, seldom asked (docs/explanation/portal.md, "Who answered"; each answer recorded in
tests/recorded):

    GET settings, without a key   keys/@self    fileops      it is
    no answer                                                the portal cannot be reached
    HTML, a redirect, no docSpace                            the way to it: a proxy, a login page, another address
    tenantStatus 1, 2                                        suspended
    tenantStatus 3 to 6                                      moved, restored or encrypted
    0                             402                        unpaid
    0                             401           refused      the key: wrong, off, expired, its user disabled
    0                             401           200          the key did not arrive: we are nobody
    0                             200                        all is well; `permissions` tell what the key may
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar

from shared.docspace.errors import BusyError, TryLaterError
from shared.docspace.wire import KeyWire, SettingsWire, response
from shared.text.codes import Code

T = TypeVar("T")

OK, TOO_MANY = 200, 429

SETTINGS, KEY, OPERATIONS = "settings", "keys/@self", "files/fileops"

SUSPENDED = frozenset({1, 2})
BEING_CHANGED = frozenset({3, 4, 5, 6})
"""Values of `tenantStatus` (TenantStatus.cs); 1 and 4 were seen, the others read."""

SCOPES = {
    "files:read": ("*", "*:read", "*:write", "files:read", "files:write"),
    "files:write": ("*", "*:write", "files:write"),
    "rooms:read": ("*", "*:read", "*:write", "rooms:read", "rooms:write"),
    "rooms:write": ("*", "*:write", "rooms:write"),
    "accounts.self:read": ("*", "*:read", "*:write", "accounts.self:read", "accounts.self:write"),
    "*:read": ("*", "*:read", "*:write"),
    "*:write": ("*", "*:write"),
}
"""What a key may need, and what each may be granted by."""


class Fault(Enum):
    """Why no call of ours would do: the value is the code of what that does to a message."""

    UNREACHABLE = Code.PORTAL_UNREACHABLE
    WAY = Code.PORTAL_NOT_ITSELF
    SUSPENDED = Code.PORTAL_SUSPENDED
    BEING_CHANGED = Code.PORTAL_CHANGING
    UNPAID = Code.PORTAL_UNPAID
    KEY_REFUSED = Code.KEY_REFUSED
    KEY_LOST = Code.KEY_LOST


@dataclass(frozen=True, slots=True)
class State:
    fault: Fault | None = None
    reason: str = ""
    """Of a fault: a sentence with what a person can do."""
    told: bool = True
    """False: the portal would not say, as its rate is limited."""
    permissions: tuple[str, ...] = ()
    """Of the key; empty: it may do whatever its user may."""

    def lacks(self, *scopes: str) -> list[str]:
        """Which of them the key is not granted."""
        granted = set(self.permissions)
        return [scope for scope in scopes if granted and not granted & set(SCOPES[scope])]


class Ask(Protocol):
    def __call__(self, path: str, *, with_key: bool = True) -> tuple[int, bytes]:
        """The status and body of a GET; UnreachableError where no answer came."""


def state(ask: Ask) -> State:
    """How it stands now; at most three calls. Raises nothing of its own, and repeats nothing."""
    try:
        return _of_portal(*ask(SETTINGS, with_key=False)) or _of_key(ask)
    except BusyError:
        return State(told=False)
    except TryLaterError as error:
        return State(Fault.UNREACHABLE, str(error))


def scope_of(method: str, path: str) -> str:
    """The permission that a key needs for a route (docs/explanation/portal.md)."""
    kind = "read" if method == "GET" else "write"
    if path == "people/@self":
        return "accounts.self:read"
    if path.startswith("files/rooms"):
        return f"rooms:{kind}"
    return f"files:{kind}" if path.startswith("files/") else f"*:{kind}"


def missing(scopes: list[str]) -> str:
    return (
        f"the API key lacks the permission {', '.join(scopes)}: give it that in the portal, "
        "or make a new key and set it as DOCSPACE_API_KEY"
    )


def _of_portal(status: int, body: bytes) -> State | None:
    if status == TOO_MANY:
        return State(told=False)
    found = _read(body, SettingsWire) if status == OK else None
    settings = found.info() if found else None
    if settings is None or not settings.is_docspace:
        return State(
            Fault.WAY,
            f"something else than the portal answers ({status} to GET settings): a proxy, a login or maintenance "
            "page, or another address; check DOCSPACE_API_HOST",
        )
    status = settings.tenant_status or 0
    if status in SUSPENDED:
        return State(Fault.SUSPENDED, f"the portal is suspended (status {status}): its owner can renew it")
    if status in BEING_CHANGED:
        return State(
            Fault.BEING_CHANGED,
            f"the portal is being restored, moved or encrypted (status {status}): it comes back by itself",
        )
    return None


def _of_key(ask: Ask) -> State:
    status, body = ask(KEY)
    match status:
        case 200 if (key := _read(body, KeyWire)) is not None:
            return State(permissions=key.info().permissions)
        case 402:
            return State(Fault.UNPAID, "the portal is unpaid (402): its owner can renew the plan")
        case 401 if ask(f"{OPERATIONS}?id=none")[0] == OK:
            return State(
                Fault.KEY_LOST,
                "our API key does not arrive at the portal: a proxy drops the Authorization header, "
                "or DOCSPACE_API_KEY does not begin with sk-",
            )
        case 401:
            return State(
                Fault.KEY_REFUSED,
                "the portal refuses our API key (wrong, switched off, expired, or its user is disabled): "
                "check DOCSPACE_API_KEY",
            )
        case 429:
            return State(told=False)
        case _:
            return State(
                Fault.WAY, f"the portal answered {status} to GET {KEY}: it does not say whether it takes our key"
            )


def _read(body: bytes, kind: type[T]) -> T | None:
    try:
        return response(body, kind, "")
    except TryLaterError:
        return None
