"""What an API key that is limited to some permissions may ask for. Pure; who its user is counts besides.

After DocSpace 3.7.2's AuthorizationExtension.cs: `/settings` has no permission of its own, so it needs a
global one.
"""

from collections.abc import Sequence

AREAS = (
    ("files/rooms", "rooms"),
    ("rooms", "rooms"),
    ("files", "files"),
    ("people/@self", "accounts.self"),
    ("people", "accounts"),
)
"""The first that a route begins with tells its permission."""
OPEN = "keys/"
"""A key may always ask what it is."""


def allows(permissions: Sequence[str], method: str, route: str) -> bool:
    """`route` is what follows `/api/2.0/`; no permissions at all mean no limits."""
    if not permissions or route.startswith(OPEN):
        return True
    area = next((name for start, name in AREAS if route.startswith(start)), None)
    names = ["*", *(f"{name}:write" for name in ("*", area) if name)]
    if method in {"GET", "HEAD"}:
        names += [f"{name}:read" for name in ("*", area) if name]
    return bool(set(names) & set(permissions))
