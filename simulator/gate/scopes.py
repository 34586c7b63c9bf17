"""Which calls an API key with limited permissions may make. The rights of its user count too. Pure.

`/settings` and the lists of keys have no permission of their own, so they need a global one. Every key may read
what it is itself, and who another user is.
"""

import re
from collections.abc import Sequence

AREAS = (
    ("files/rooms", "rooms"),
    ("rooms", "rooms"),
    ("files", "files"),
    ("people/@self", "accounts.self"),
    ("people/self", "accounts.self"),
    ("people", "accounts"),
)
"""The first entry with which a route begins gives its permission."""
FREE = re.compile(r"keys/@self|people/(?!@?self$)[^/]+")


def allows(permissions: Sequence[str], method: str, route: str) -> bool:
    """`route` is what follows `/api/2.0/`. A key without any permissions has no limits."""
    if not permissions or (method == "GET" and FREE.fullmatch(route)):
        return True
    area = next((name for start, name in AREAS if route.startswith(start)), None)
    names = ["*", *(f"{name}:write" for name in ("*", area) if name)]
    if method in {"GET", "HEAD"}:
        names += [f"{name}:read" for name in ("*", area) if name]
    return bool(set(names) & set(permissions))
