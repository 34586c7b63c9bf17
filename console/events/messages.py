"""Each message of the contract: its body, headers and properties, with examples."""

from typing import Any

from console.events.examples import least, whole
from console.events.headers import DEAD_EXAMPLE, EXAMPLE, headers, properties
from console.events.schema import about, schema_of
from shared.wire.events import EVENTS, Event, InvoiceDetected
from shared.wire.stages import EVERY, UNREADABLE

WEBHOOK, UNREAD, DEAD_LETTER = "webhook", UNREADABLE, "dead"
OWN = {event.routing_key: event.__name__ for event in EVENTS}
"""The schemas of the product's own events, by routing key."""

_DELIVERED = {
    "event": {"id": 18231, "createOn": "2026-07-14T09:30:00Z", "trigger": "file.uploaded"},
    "payload": {"id": 748301, "parentId": 86190, "title": "Invoice 2026-0714.pdf", "fileEntryType": 2},
    "webhook": {"id": 7, "name": "invoice-intake"},
}
SCHEMAS: dict[str, dict[str, Any]] = {
    **{event.__name__: schema_of(event) for event in EVENTS},
    "Webhook": {
        "$id": "urn:docspace-invoice-intake:webhook:1",
        "title": "Webhook",
        "description": "The body of DocSpace's webhook, byte for byte as it came. It is the portal's own and "
        "changes with it: only `event.trigger` is promised, as the routing key is made of it.",
        "x-version": 1,
        "type": "object",
        "properties": {
            "event": {
                "type": "object",
                "properties": {"trigger": {"type": "string", "description": "The routing key after `webhook.`."}},
                "required": ["trigger"],
            },
            "payload": {"description": "The file, folder, room or user, as the portal tells of it."},
            "webhook": {"description": "The webhook of the portal; `reconcile` is the name if none came."},
        },
        "required": ["event"],
    },
}


def messages() -> dict[str, Any]:
    """By name: the routing key, `webhook` for all of DocSpace's own, `dead` for dead letters."""
    return {
        **{event.routing_key: _of_event(event) for event in EVENTS},
        WEBHOOK: {
            **_message("Webhook", "A webhook of DocSpace, signed by it.", {"pattern": r"^webhook\..+"}),
            "payload": {"$ref": "#/components/schemas/Webhook"},
            "examples": [{"name": "uploaded", "headers": _received(), "payload": _DELIVERED}],
        },
        UNREAD: {
            **_message("Unreadable", "A signed webhook without a readable trigger.", {"const": UNREADABLE}),
            "payload": {"description": "Whatever came; it need not be JSON."},
            "examples": [{"name": "noTrigger", "headers": _received(), "payload": {"hello": "world"}}],
        },
        DEAD_LETTER: {
            **_message("DeadLetter", "A message that a worker could not handle, and why.", {}),
            "headers": headers(dead=True),
            "payload": {
                "description": "The body of the message that could not be handled: see its property `type`."
            },
            "examples": [{"name": "noRight", "headers": DEAD_EXAMPLE, "payload": whole(InvoiceDetected)}],
        },
    }


def _of_event(event: type[Event]) -> dict[str, Any]:
    publishers = [stage.name for stage in EVERY if stage.publishes is event]
    examples = [{"name": "whole", "headers": EXAMPLE, "payload": whole(event)}]
    if least(event) != whole(event):
        examples.append({"name": "least", "headers": EXAMPLE, "payload": least(event)})
    return {
        **_message(event.__name__, about(event), {"const": event.routing_key}),
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "examples": examples,
        **({"x-published-by": publishers} if publishers else {}),
    }


def _message(name: str, summary: str, type_: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "title": name,
        "summary": summary,
        "contentType": "application/json",
        "headers": headers(),
        "correlationId": {
            "description": "The AMQP property `correlation_id`: one for each upload.",
            "location": "$message.header#/correlation_id",
        },
        "x-amqp-properties": properties(type_),
    }


def _received() -> dict[str, Any]:
    return {name: EXAMPLE[name] for name in ("traceparent", "received_at_ms")}
