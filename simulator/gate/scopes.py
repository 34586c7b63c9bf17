"""What an API key that is limited to some permissions may ask for. Pure; who its user is counts besides.

`/settings` and the lists of keys have no permission of their own, so they need a global one. What a key is and who
somebody else is may be asked with any.
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
"""The first that a route begins with tells its permission."""
FREE = re.compile(r"keys/@self|people/(?!@?self$)[^/]+")


def allows(permissions: Sequence[str], method: str, route: str) -> bool:
    """`route` is what follows `/api/2.0/`; no permissions at all mean no limits."""
    if not permissions or (method == "GET" and FREE.fullmatch(route)):
        return True
    area = next((name for start, name in AREAS if route.startswith(start)), None)
    names = ["*", *(f"{name}:write" for name in ("*", area) if name)]
    if method in {"GET", "HEAD"}:
        names += [f"{name}:read" for name in ("*", area) if name]
    return bool(set(names) & set(permissions))
