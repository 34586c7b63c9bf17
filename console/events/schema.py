"""The JSON Schema of each event, with what its class says of each field. All of it is made of the classes."""

import ast
import functools
import inspect
import itertools
import textwrap
from typing import Any

import msgspec

from shared.wire.events import EVENTS, Event

Schema = dict[str, Any]


def document() -> Schema:
    """One schema that takes any of the events, with each of them under `$defs`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Events of the invoice intake",
        "anyOf": [{"$ref": f"#/$defs/{event.__name__}"} for event in EVENTS],
        "$defs": {event.__name__: schema_of(event) for event in EVENTS},
    }


def schema_of(event: type[Event]) -> Schema:
    """It stands alone: a type within the event is under its own `$defs`."""
    _, parts = msgspec.json.schema_components([event], ref_template="#/$defs/{name}")
    own = parts.pop(event.__name__)
    said = sentences(event)
    return {
        "$id": f"urn:docspace-invoice-intake:{event.routing_key}:{event.schema_version}",
        "title": event.__name__,
        "description": about(event),
        "x-routing-key": event.routing_key,
        "x-version": event.schema_version,
        "type": "object",
        "properties": {
            name: {"description": said[name], **told} if name in said else told
            for name, told in own["properties"].items()
        },
        "required": own.get("required", []),
        **({"$defs": parts} if parts else {}),
    }


def about(event: type[Event]) -> str:
    return " ".join((event.__doc__ or "").split())


@functools.cache
def sentences(event: type[Event]) -> dict[str, str]:
    """What stands below each field in the source, as one line."""
    (written,) = ast.parse(textwrap.dedent(inspect.getsource(event))).body
    return {
        field.target.id: " ".join(said.value.value.split())
        for field, said in itertools.pairwise(getattr(written, "body", ()))
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(said, ast.Expr)
        and isinstance(said.value, ast.Constant)
        and isinstance(said.value.value, str)
    }
