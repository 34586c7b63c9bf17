"""Removes a consumer's user and queues. Repeating is safe: it goes on where it stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from console.connect.management import Management
from console.events.consumer import Consumer


@dataclass(frozen=True, slots=True)
class Owned:
    """What the broker has of a consumer."""

    user: bool
    queues: Sequence[tuple[str, int]]
    """Each by its name, with how many messages it holds. A consumer's program may have made more than one."""

    @property
    def nothing(self) -> bool:
        return not (self.user or self.queues)

    @property
    def messages(self) -> int:
        return sum(count for _, count in self.queues)


def owned(consumer: Consumer, management: Management) -> Owned:
    """Changes nothing. NotToldError."""
    found = management.ask("GET", f"queues/{management.vhost}") or []
    queues = sorted(
        (queue["name"], int(queue.get("messages", 0)))
        for queue in found
        if queue["name"].startswith(f"{consumer.user}.")
    )
    return Owned(management.ask("GET", f"users/{consumer.user}") is not None, queues)


def remove(consumer: Consumer, of: Owned, management: Management) -> None:
    """The user first, so that its program cannot make a queue anew. NotToldError: the rest is still there."""
    if of.user:
        management.ask("DELETE", f"users/{consumer.user}")
    for name, _ in of.queues:
        management.ask("DELETE", f"queues/{management.vhost}/{quote(name, safe='')}")
