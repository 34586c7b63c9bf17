"""Who a request is from. Blocks, so it runs on a thread of the pool."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from shared.store.people.person import Person

SECURE_COOKIE, PLAIN_COOKIE = "__Host-intake", "intake"
"""On https the browser itself sees to it that no other host and no plain page sets it."""


@dataclass(frozen=True, slots=True)
class Knock:
    """What a request shows of who sends it."""

    token: str | None
    """Of the session, from the cookie."""
    address: str
    """Of the connection: of the proxy, where one stands in front."""
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
        """None for somebody who is not signed in. TransientError where it cannot be known."""
