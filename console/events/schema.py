"""The JSON Schema of each event, with what its class says of each field. All of it is made of the classes."""

import ast
import functools
import inspect
import itertools
import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec

from shared.wire import facts
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
    return {
        "$id": f"urn:docspace-invoice-intake:{event.routing_key}:{event.schema_version}",
        "title": event.__name__,
        "description": about(event),
        "x-routing-key": event.routing_key,
        "x-version": event.schema_version,
        "type": "object",
        "properties": _explained(event, own["properties"]),
        "required": own.get("required", []),
        **({"$defs": {name: _part(getattr(facts, name), told) for name, told in parts.items()}} if parts else {}),
    }


def _part(kind: type, told: Schema) -> Schema:
    """A type within an event, which stands in `shared.wire.facts`."""
    if "enum" in told:
        values = [value for value in told["enum"] if value is not None]
        said = sentences(kind)
        meanings = [f"`{value}`: {said[kind(value).name]}" for value in values if kind(value).name in said]
        return {**told, "description": " ".join([about(kind), *meanings])}
    return {**told, "properties": _explained(kind, told["properties"])}


def _explained(kind: type, properties: Schema) -> Schema:
    said = sentences(kind)
    return {
        name: {"description": said[name], **told} if name in said else told for name, told in properties.items()
    }


def about(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


@functools.cache
def sentences(kind: type) -> dict[str, str]:
    """What stands below each field in the source, as one line, with the fields that it inherits."""
    kinds = [each for each in kind.__mro__[::-1] if each.__module__ == kind.__module__]
    return {name: said for each in kinds for name, said in _own_sentences(each)}


def _own_sentences(kind: type) -> Iterator[tuple[str, str]]:
    (written,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    for field, said in itertools.pairwise(getattr(written, "body", ())):
        match field, said:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())
