"""Finds the user of an Authorization header, and says how to refuse a call without a user. Pure."""

import re
from collections.abc import Mapping
from enum import Enum, auto

from simulator.portal.model import User

PREFIX = "sk-"
OPEN = re.compile(r"files/(file/[^/]+|folder/[^/]+|fileops(/[^/]+)?|rooms/[^/]+|(?!rooms$)[^/]+)")
"""The routes that may be read without a key if the entry's rights allow it."""


class Nobody(Enum):
    """Why a caller is no user."""

    REFUSED = auto()
    """The key is wrong or switched off, or its user is disabled."""
    UNKNOWN = auto()
    """There is no key, or the portal does not see it as a key."""


def token(header: str | None) -> str:
    """What follows `Bearer `, which must be written exactly so; empty if there is no key."""
    scheme, _, key = (header or "").partition(" ")
    return key.strip() if scheme == "Bearer" else ""


def caller(key: str, keys: Mapping[str, User], off: User | None) -> User | Nobody:
    """The user of the key. `off` is the user whose keys are switched off."""
    user = keys.get(key)
    if user is not None:
        return Nobody.REFUSED if user is off else user
    return Nobody.REFUSED if key.startswith(PREFIX) else Nobody.UNKNOWN


def is_open(method: str, route: str) -> bool:
    """Whether the route may be read without a key. `route` is what follows `/api/2.0/`."""
    return method == "GET" and OPEN.fullmatch(route) is not None


def is_public(route: str) -> bool:
    return route == "settings"
