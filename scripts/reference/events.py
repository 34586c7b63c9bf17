"""The product's own events, from shared/wire/events.py."""

import ast
import inspect
import itertools
import json
from typing import Any

from console.events import document
from scripts.reference.table import code, plain, table
from shared.wire import events

TREE = ast.parse(inspect.getsource(events))


def sections() -> str:
    return "\n".join(_section(event) for event in events.EVENTS)


def schema() -> str:
    return f"```json\n{json.dumps(document(), indent=2, ensure_ascii=False)}\n```\n"


def _section(event: type[events.Event]) -> str:
    described = document()["$defs"][event.__name__]
    said, always = sentences(event), described["required"]
    rows = [
        (code(field), _type(value), "yes" if field in always else "", said.get(field, ""))
        for field, value in described["properties"].items()
    ]
    purpose = plain(" ".join((event.__doc__ or "").split()))
    return f"### {event.routing_key}\n\n{purpose}\n\n" + table(("field", "type", "always", "meaning"), rows)


def _type(described: dict[str, Any]) -> str:
    if "anyOf" in described:
        return " or ".join(_type(one) for one in described["anyOf"] if one != {"type": "null"})
    if described["type"] == "array":
        return f"array of {_type(described['items'])}"
    return str(described["type"])


def sentences(event: type[events.Event]) -> dict[str, str]:
    """What stands below each field in the source."""
    body = next(node for node in TREE.body if isinstance(node, ast.ClassDef) and node.name == event.__name__).body
    return {
        field.target.id: plain(" ".join(said.value.value.split()))
        for field, said in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(said, ast.Expr)
        and isinstance(said.value, ast.Constant)
        and isinstance(said.value.value, str)
    }
