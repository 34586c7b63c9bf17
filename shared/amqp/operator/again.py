"""A message that lies in a queue, published once more so that it is for everybody as it was the first time."""

from typing import Any

import pika

NEVER_AGAIN = frozenset({"x-delivery-count", "x-acquired-count", "CC", "BCC"})
"""Headers that the broker writes anew at each delivery, or would route by."""
_PROPERTIES = (
    *("message_id", "correlation_id", "type", "timestamp", "content_type", "content_encoding", "app_id"),
    *("delivery_mode", "priority", "reply_to", "expiration", "user_id", "cluster_id"),
)


def properties_of(props: pika.BasicProperties) -> dict[str, Any]:
    """Those that are set, by their AMQP names, without the headers."""
    found = {name: getattr(props, name) for name in _PROPERTIES}
    return {name: value for name, value in found.items() if value is not None}


def again(props: pika.BasicProperties, without: frozenset[str] = NEVER_AGAIN) -> pika.BasicProperties:
    """The same properties, without what would make the broker treat the message otherwise than the first time.

    It would drop what expires, refuse a `user_id` that is not the console's own, and send copies where `CC` says.
    """
    kept = {name: value for name, value in properties_of(props).items() if name not in {"expiration", "user_id"}}
    headers = {name: _writable(value) for name, value in (props.headers or {}).items() if name not in without}
    return pika.BasicProperties(**kept, headers=headers)


def _writable(value: object) -> object:
    """Floats as text: pika reads them in headers, and writes none."""
    match value:
        case float():
            return repr(value)
        case list():
            return [_writable(part) for part in value]
        case dict():
            return {name: _writable(part) for name, part in value.items()}
        case _:
            return value
