"""A message as it lies in a queue, with all that is needed to have it lie there again; as JSON and back. Pure."""

import base64
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pika

from shared.amqp.operator.again import again
from shared.errors import PermanentError
from shared.runtime.settle import DEFAULT_EXCHANGE
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
        "properties": _plain(lying.properties)["table"],
        "headers": _plain(lying.headers)["table"],
        "body": base64.b64encode(lying.body).decode(),
    }


def from_json(record: Any) -> Lying:
    """UnreadableError."""
    try:
        return Lying(
            queue=str(record["queue"]),
            exchange=str(record["exchange"]),
            routing_key=str(record["routing_key"]),
            properties=_value({"table": record["properties"]}),
            headers=_value({"table": record["headers"]}),
            body=base64.b64decode(record["body"], validate=True),
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise UnreadableError(f"a message of the backup cannot be read: {error!r}") from error


def _plain(value: Any) -> Any:
    """What JSON has no word for, as an object with one key, which says what it is."""
    match value:
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"time": value.isoformat()}
        case Decimal():
            return {"decimal": str(value)}
        case dict():
            return {"table": {name: _plain(part) for name, part in value.items()}}
        case list():
            return [_plain(part) for part in value]
        case _:
            return value


def _value(plain: Any) -> Any:
    match plain:
        case {"bytes": str(text)}:
            return base64.b64decode(text)
        case {"time": str(text)}:
            return datetime.fromisoformat(text)
        case {"decimal": str(text)}:
            return Decimal(text)
        case {"table": dict(parts)}:
            return {name: _value(part) for name, part in parts.items()}
        case list():
            return [_value(part) for part in plain]
        case dict():
            raise ValueError(f"no value of a header: {sorted(plain)}")
        case _:
            return plain
