"""What stands on a message beside its body: AMQP properties and headers, as shared/amqp/client/codec.py writes."""

from typing import Any

from shared.text.codes import Code

_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MS = {"type": "integer", "minimum": 0}

TRACEPARENT = {
    "type": "string",
    "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-01$",
    "description": "W3C Trace Context; its trace id is the correlation id.",
}
BY_WORKERS: dict[str, Any] = {
    "traceparent": TRACEPARENT,
    "received_at_ms": {
        **_MS,
        "description": "When the ingress took the webhook that it comes from, in milliseconds since the epoch. Not "
        "there if no webhook came.",
    },
    "at_ms": {
        **_MS,
        "description": "When its worker settled what it follows from, in milliseconds since the epoch.",
    },
    "by": {"type": "string", "description": "The process that settled it, or the person who asked for it."},
    "reason": {"type": "string", "description": "Why, as a person wrote it."},
    "override": {"type": "string", "description": "The id of a person's wish to have finished work done again."},
    "swept": {
        "type": "string",
        "description": "The id of the sweep that found the upload, as no webhook had come.",
    },
}
"""On the exchange `docspace`."""
OF_DEAD_LETTERS: dict[str, Any] = {
    "reason": {"type": "string", "description": "A sentence, for people; it may change."},
    "code": {"type": "string", "enum": [code.value for code in Code], "description": "Of the reason: stable."},
    "stage": {"type": "string", "description": "The worker that gave up."},
    "attempts": {"type": "integer", "minimum": 1, "description": "How often it was tried."},
    "error": {"type": "string", "description": "The reason of the last try."},
    "died_at": {"type": "integer", "description": "When, in seconds since the epoch."},
    "attempt": {
        "type": "integer",
        "minimum": 2,
        "description": "The try that failed last, if it was not the first.",
    },
    "first_failed_at_ms": {**_MS, "description": "When the first try failed, in milliseconds since the epoch."},
    "waited_ms": {**_MS, "description": "How long it waited for further tries, in milliseconds."},
    "not_before_ms": {**_MS, "description": "Before when it was not to be tried, in milliseconds since the epoch."},
}
"""What a worker writes. If the broker buried the message itself, its own `x-death` says why."""


def headers(*, dead: bool = False) -> dict[str, Any]:
    """A consumer ignores a header that it does not know."""
    return {
        "type": "object",
        "properties": {**BY_WORKERS, **OF_DEAD_LETTERS} if dead else BY_WORKERS,
        "required": ["traceparent"],
    }


def properties(type_: dict[str, Any]) -> dict[str, Any]:
    """Of a message whose property `type` is such."""
    return {
        "type": "object",
        "properties": {
            "message_id": {
                "type": "string",
                "pattern": f"^{_UUID}$",
                "description": "The same if it is published twice: by it you know a repetition.",
            },
            "correlation_id": {
                "type": "string",
                "description": "One for each upload, from the webhook to the mail; of a digest, its window.",
            },
            "type": {"type": "string", **type_, "description": "The routing key that it was first published with."},
            "timestamp": {
                "type": "integer",
                "description": "When it was published first, in seconds since the epoch.",
            },
            "content_type": {"const": "application/json"},
            "app_id": {"type": "string", "description": "The worker that published it, or `console`, `reconcile`."},
            "delivery_mode": {"const": 2, "description": "Persistent."},
        },
        "required": [
            "message_id",
            "correlation_id",
            "type",
            "timestamp",
            "content_type",
            "app_id",
            "delivery_mode",
        ],
    }


EXAMPLE = {
    "traceparent": "00-5f0c8a52d1b45c1e9a3b7d2e4f6a8b0c-00f067aa0ba902b7-01",
    "received_at_ms": 1784021400120,
    "at_ms": 1784021401730,
    "by": "mover@host:7",
}
DEAD_EXAMPLE = {
    **EXAMPLE,
    "reason": "the API key may not move the file",
    "code": Code.NO_RIGHT.value,
    "stage": "mover",
    "attempts": 1,
    "error": "the API key may not move the file",
    "died_at": 1784021401,
}
