"""Makes a queue of somebody's own, and a user who may use nothing else. Repeating is safe."""

import secrets
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from console.connect.management import Management, NotToldError
from shared.amqp.operator.connect import connected
from shared.amqp.operator.roles import Role, developer, key_pattern, pattern
from shared.runtime.settle import EXCHANGE

ARGUMENTS = {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}
"""As the printed code declares it. Else RabbitMQ 4 drops what came back 20 times."""


@dataclass(frozen=True, slots=True)
class Consumer:
    name: str
    events: tuple[str, ...]
    """Routing keys or patterns that the queue is bound to."""

    @property
    def role(self) -> Role:
        """The same that `intake broker users --developer` makes."""
        return developer(self.name, self.events)

    @property
    def user(self) -> str:
        return self.role.user

    @property
    def queue(self) -> str:
        return f"{self.user}.invoices"

    @property
    def permissions(self) -> dict[str, str]:
        """On all that begins with its own name. That may be bound to the exchange, by the keys of `topics`."""
        role = self.role
        return {
            "configure": pattern(role.configure),
            "write": pattern(role.write),
            "read": pattern(role.read),
        }

    @property
    def topics(self) -> dict[str, str]:
        role = self.role
        return {"exchange": EXCHANGE, "write": key_pattern(role.publishes), "read": key_pattern(role.hears)}

    def url(self, amqp_url: str, password: str) -> str:
        """The broker's, with this user."""
        parts = urlsplit(amqp_url)
        _, _, host = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{self.user}:{quote(password, safe='')}@{host}").geturl()

    def by_hand(self, amqp_url: str) -> list[str]:
        """What an administrator of the broker types. The consumer's own code declares and binds the queue."""
        vhost = shlex.quote(unquote(urlsplit(amqp_url).path[1:]) or "/")
        may, topics = self.permissions, self.topics
        return [
            f"rabbitmqctl add_user {self.user}",
            f"rabbitmqctl set_permissions --vhost {vhost} {self.user} "
            + " ".join(shlex.quote(may[what]) for what in ("configure", "write", "read")),
            f"rabbitmqctl set_topic_permissions --vhost {vhost} {self.user} {EXCHANGE} "
            + " ".join(shlex.quote(topics[what]) for what in ("write", "read")),
        ]


def make(
    consumer: Consumer, management: Management, amqp_urls: Sequence[str], *, new_password: bool = False
) -> str | None:
    """The user's password; None if the user was there and keeps it.

    NotToldError if the management API does not do it; UnavailableError if the new user cannot connect, as when
    MANAGEMENT_URL leads to another broker.
    """
    user, vhost = consumer.user, management.vhost
    if management.ask("GET", f"exchanges/{vhost}/{EXCHANGE}") is None:
        raise NotToldError(f"the broker has no exchange {EXCHANGE}: start the workers, which declare it")
    password = None
    if new_password or management.ask("GET", f"users/{user}") is None:
        password = secrets.token_urlsafe(32)
        management.ask("PUT", f"users/{user}", {"password": password, "tags": ""})
    management.ask("PUT", f"permissions/{vhost}/{user}", consumer.permissions)
    management.ask("PUT", f"topic-permissions/{vhost}/{user}", consumer.topics)
    management.ask("PUT", f"queues/{vhost}/{consumer.queue}", {"durable": True, "arguments": ARGUMENTS})
    _bind(consumer, management)
    if password is not None:
        with connected([consumer.url(each, password) for each in amqp_urls], "console events consumer"):
            pass
    return password


def _bind(consumer: Consumer, management: Management) -> None:
    """To what was asked and to nothing else; a binding that stays is never away."""
    place = f"bindings/{management.vhost}/e/{EXCHANGE}/q/{consumer.queue}"
    found: list[dict[str, Any]] = management.ask("GET", place) or []
    for key in set(consumer.events) - {each["routing_key"] for each in found}:
        management.ask("POST", place, {"routing_key": key})
    for each in found:
        if each["routing_key"] not in consumer.events:
            management.ask("DELETE", f"{place}/{quote(each['properties_key'], safe='')}")
