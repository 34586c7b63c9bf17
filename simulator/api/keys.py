"""Finds the user of an Authorization header, and how a route refuses a header without one. Pure."""

import re
from collections.abc import Mapping
from enum import Enum, auto

from simulator.portal.model import User

PREFIX = "sk-"
OPEN = re.compile(r"files/(file/[^/]+|folder/[^/]+|fileops(/[^/]+)?|rooms/[^/]+|(?!rooms$)[^/]+)")
"""The routes that may be read without a key, if the entry's rights allow it."""


class Nobody(Enum):
    """The caller, if it is no user."""

    REFUSED = auto()
    """A key that is wrong or switched off, or whose user is disabled."""
    UNKNOWN = auto()
    """No key, or one that the portal does not take for a key."""


def token(header: str | None) -> str:
    """What follows `Bearer `, written exactly like this; empty if it is no key."""
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
