"""A body of each event, for the documents: complete, and with what is always there alone."""

from typing import Any

import msgspec

from console.events.schema import schema_of
from shared.wire.events import Event

VALUES: dict[str, Any] = {
    "asked_by": "anna@example.com, on the web console",
    "channels": ["slack"],
    "code": "no-rule",
    "count": 3,
    "created_at": "2026-07-14T09:29:58.120000Z",
    "created_on": "2026-07-14T09:29:58Z",
    "destination": 748239,
    "destination_path": ["Accounting", "Incoming"],
    "destination_title": "Incoming",
    "file_id": 748301,
    "folder_id": 86190,
    "folder_url": "https://yourportal.onlyoffice.com/rooms/shared/748239/filter?folder=748239",
    "movable_at": 1784021401.25,
    "namesakes": [748288],
    "reason": 'its title "Contract.pdf" does not start with "invoice"',
    "recipients": ["manager@example.com"],
    "room_id": 86190,
    "room_title": "Acme Ltd",
    "rule": "acme",
    "rules": "5f0c8a52d1b4",
    "skipped": "webhook.file.uploaded",
    "source_file_id": 748301,
    "stage": "classifier",
    "title": "Invoice 2026-0714.pdf",
    "to": "manager@example.com",
    "until": 1784025000.0,
    "uploaded_at": "2026-07-14T09:30:00Z",
    "uploaded_by": "Carla Client",
    "uploaded_by_email": "carla@acme.example",
    "version": 1,
    "web_url": "https://yourportal.onlyoffice.com/doceditor?fileId=748301",
    "why": "the folder is being renamed",
    "window": "2026-07-14T09:30:00Z manager@example.com",
}
"""By the field's name. A field that is not here gets a value of its type."""
OF_TYPE: dict[str, Any] = {
    "string": "text",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "array": [],
    "object": {},
}


def whole(event: type[Event]) -> dict[str, Any]:
    """With each field that is not as it usually is."""
    return _body(event, schema_of(event)["properties"])


def least(event: type[Event]) -> dict[str, Any]:
    schema = schema_of(event)
    return _body(event, {name: schema["properties"][name] for name in schema["required"]})


def _body(event: type[Event], fields: dict[str, Any]) -> dict[str, Any]:
    """As the product's own encoder writes it. msgspec.ValidationError if a value above is of another type now."""
    values = {name: VALUES.get(name, _of_type(told)) for name, told in fields.items() if name != "portal"}
    body: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(msgspec.convert(values, event)))
    return body


def _of_type(told: dict[str, Any]) -> Any:
    return OF_TYPE.get(told.get("type") or told.get("anyOf", [{}])[0].get("type", ""))
