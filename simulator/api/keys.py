"""Which user an Authorization header stands for, and how a route refuses one that stands for none. Pure."""

import re
from collections.abc import Mapping
from enum import Enum, auto

from simulator.portal.model import User

PREFIX = "sk-"
OPEN = re.compile(r"files/(file/[^/]+|folder/[^/]+|fileops(/[^/]+)?|rooms/[^/]+|(?!rooms$)[^/]+)")
"""What may be read without a key, as far as the entry's rights allow it."""


class Nobody(Enum):
    """Who calls, where it is no user."""

    REFUSED = auto()
    """A key that is wrong, switched off, or of a user that is disabled."""
    UNKNOWN = auto()
    """No key, or what the portal does not take for one."""


def token(header: str | None) -> str:
    """What follows `Bearer `, written exactly so; empty where it is no key."""
    scheme, _, key = (header or "").partition(" ")
    return key.strip() if scheme == "Bearer" else ""


def caller(key: str, keys: Mapping[str, User], off: User | None) -> User | Nobody:
    """`off` is the user whose keys are switched off."""
    user = keys.get(key)
    if user is not None:
        return Nobody.REFUSED if user is off else user
    return Nobody.REFUSED if key.startswith(PREFIX) else Nobody.UNKNOWN


def is_open(method: str, route: str) -> bool:
    """`route` is what follows `/api/2.0/`."""
    return method == "GET" and OPEN.fullmatch(route) is not None


def is_public(route: str) -> bool:
    return route == "settings"
