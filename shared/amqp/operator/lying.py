"""A message as it lies in a queue, with all that is needed to have it lie there again; as JSON and back. Pure."""

import base64
from dataclasses import dataclass
from typing import Any

import pika

from shared.amqp.operator.again import again
from shared.errors import PermanentError
from shared.runtime.settle import DEFAULT_EXCHANGE
from shared.wire.header_json import plain, typed
from shared.wire.message import derived_id


class UnreadableError(PermanentError):
    """It is not what `as_json` made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    queue: str
    exchange: str
    """By which it comes there again, as the next. In a delay queue the key says whose it is."""
    routing_key: str
    properties: dict[str, Any]
    """Those that are set, by their AMQP names, without the headers."""
    headers: dict[str, Any]
    body: bytes

    @property
    def identity(self) -> str:
        """Its message's id, the one that the workers know it by."""
        return str(self.properties.get("message_id") or derived_id(self.body))

    def to_publish(self) -> pika.BasicProperties:
        return again(pika.BasicProperties(**self.properties, headers=self.headers))

    @property
    def through(self) -> str:
        """The routing key at its queue: the default exchange goes by the queue's name."""
        return self.queue if self.exchange == DEFAULT_EXCHANGE else self.routing_key


def as_json(lying: Lying) -> dict[str, Any]:
    return {
        "queue": lying.queue,
        "exchange": lying.exchange,
        "routing_key": lying.routing_key,
        "properties": plain(lying.properties),
        "headers": plain(lying.headers),
        "body": base64.b64encode(lying.body).decode(),
    }


def from_json(record: Any) -> Lying:
    """UnreadableError."""
    try:
        return Lying(
            queue=str(record["queue"]),
            exchange=str(record["exchange"]),
            routing_key=str(record["routing_key"]),
            properties=typed(record["properties"]),
            headers=typed(record["headers"]),
            body=base64.b64decode(record["body"], validate=True),
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise UnreadableError(f"a message of the backup cannot be read: {error!r}") from error
