"""The contract as an AsyncAPI 3.0 document, made of the event classes, the stages and the topology.

A new event or stage is in it by itself. tests/contract/asyncapi holds it to the schema that AsyncAPI publishes.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from console.events.messages import DEAD_LETTER, OWN, SCHEMAS, UNREAD, WEBHOOK, messages
from console.events.promise import PROMISE
from shared import VERSION
from shared.amqp.operator import requests, stream
from shared.amqp.topology import Queue, topology
from shared.process.settings import Process
from shared.runtime.settle import AGAIN, DEAD, DIED, DISCARDED, EXCHANGE, KEPT, REPLAYED
from shared.wire.events import EVENTS, Event
from shared.wire.stages import EVERY, EVERY_NAME

BINDING_VERSION = "0.3.0"
"""Of AsyncAPI's bindings for AMQP."""
_ON_THE_EXCHANGE = (*OWN, WEBHOOK, UNREAD)
_LADDER: Sequence[int] = Process.model_fields["retry_delays_s"].default


def document() -> dict[str, Any]:
    return {
        "asyncapi": "3.0.0",
        "id": "urn:docspace-invoice-intake",
        "info": {
            "title": "Events of the invoice intake",
            "version": VERSION,
            "description": PROMISE,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{host}",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": "RabbitMQ, by a user of your own: `intake events consumer NAME` makes one.",
                "variables": {"host": {"default": "127.0.0.1:5672"}},
            }
        },
        "channels": {**_keys(), **_queues()},
        "operations": _operations(),
        "components": {"messages": messages(), "schemas": SCHEMAS},
    }


def _keys() -> dict[str, Any]:
    """What you may bind a queue of your own to."""
    return {
        **{event.routing_key: _of_event(event) for event in EVENTS},
        WEBHOOK: {
            **_key("webhook.{trigger}", EXCHANGE, "topic", [WEBHOOK]),
            "parameters": {
                "trigger": {
                    "description": "What happened in the portal: its word, dots included. `webhook.#` is all.",
                    "examples": ["file.uploaded", "file.created"],
                }
            },
            "x-consumed-by": _takers(["webhook.file.uploaded"]),
        },
        UNREAD: {**_key(UNREAD, EXCHANGE, "topic", [UNREAD]), "x-consumed-by": _takers([UNREAD])},
        DEAD: {
            **_key("{stage}.{what}", DEAD, "direct", [DEAD_LETTER]),
            "parameters": {
                "stage": {"enum": list(EVERY_NAME), "description": "Whose worker could not handle it."},
                "what": {
                    "enum": [DIED, REPLAYED, DISCARDED, AGAIN, KEPT],
                    "description": "It, what a person did with it, or its way back to the worker or its queue.",
                },
            },
        },
    }


def _of_event(event: type[Event]) -> dict[str, Any]:
    key = event.routing_key
    takers = _takers([key])
    return {
        **_key(key, EXCHANGE, "topic", [key]),
        "title": event.__name__,
        **({"x-consumed-by": takers} if takers else {}),
    }


def _key(address: str, exchange: str, kind: str, names: Iterable[str]) -> dict[str, Any]:
    made = {"name": exchange, "type": kind, "durable": True, "autoDelete": False}
    return {
        "address": address,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"amqp": {"is": "routingKey", "exchange": made, "bindingVersion": BINDING_VERSION}},
    }


def _queues() -> dict[str, Any]:
    """The product's own. Nobody else may take from them or publish to them."""
    return {f"queue.{queue.name}": _queue(queue) for queue in _every_queue()}


def _every_queue() -> Iterator[Queue]:
    ladder = tuple(_LADDER)
    for each in (topology(ladder, EVERY), stream.recorded(ladder), requests.ASKED):
        yield from each.queues


def _queue(queue: Queue) -> dict[str, Any]:
    events = [binding.key for binding in queue.bindings if binding.exchange == EXCHANGE]
    taken = [name for name in _ON_THE_EXCHANGE if _takes(events, name)]
    made = {"name": queue.name, "durable": True, "exclusive": False, "autoDelete": False}
    return {
        "address": queue.name,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in taken or [DEAD_LETTER]},
        "bindings": {"amqp": {"is": "queue", "queue": made, "bindingVersion": BINDING_VERSION}},
        "x-arguments": queue.arguments,
        "x-bindings": [binding._asdict() for binding in queue.bindings],
        "x-internal": True,
    }


def _takes(bindings: Iterable[str], name: str) -> bool:
    key = "webhook.file.uploaded" if name == WEBHOOK else name
    return any(matches(binding, key) for binding in bindings)


def _takers(keys: Sequence[str]) -> list[str]:
    return [stage.name for stage in EVERY if any(matches(own, key) for own in stage.bindings for key in keys)]


def is_published(binding: str) -> bool:
    """Whether a queue that is bound so can get anything. Which webhooks there are, the portal alone knows."""
    return binding.startswith("webhook.") or any(matches(binding, key) for key in _ON_THE_EXCHANGE)


def matches(binding: str, key: str) -> bool:
    """As a topic exchange does: `*` is one word, `#` is any number of them."""
    return _match(binding.split("."), key.split("."))


def _match(pattern: Sequence[str], words: Sequence[str]) -> bool:
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_match(pattern[1:], words[at:]) for at in range(len(words) + 1))
    return bool(words) and pattern[0] in {"*", words[0]} and _match(pattern[1:], words[1:])


def _operations() -> dict[str, Any]:
    """What the product does: it publishes to each routing key, and takes from its own queues."""
    mandatory = {event.routing_key for event in EVENTS if event.mandatory} | {WEBHOOK, UNREAD, DEAD}
    return {
        **{
            f"publish.{name}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "bindings": {
                    "amqp": {
                        "deliveryMode": 2,
                        "mandatory": name in mandatory,
                        "timestamp": True,
                        "bindingVersion": BINDING_VERSION,
                    }
                },
            }
            for name in _keys()
        },
        **{
            f"take.{stage.name}": {
                "action": "receive",
                "channel": {"$ref": f"#/channels/queue.{stage.name}"},
                "bindings": {"amqp": {"ack": True, "bindingVersion": BINDING_VERSION}},
                "x-internal": True,
            }
            for stage in EVERY
        },
    }
