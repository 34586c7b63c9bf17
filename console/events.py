"""`events schema`: the wire contract of the product's own events, for whoever binds a queue of their own."""

from typing import Any

import msgspec
import typer

from console.terminal.printing import say_json
from shared.wire.events import EVENTS

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def events() -> None:
    """The events that the workers publish.

    \b
    Example:
      intake events schema

    Exit codes: 0 done, 2 wrong usage.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines


@app.command()
def schema() -> None:
    """Print the JSON Schema of every event; `x-routing-key` is where it is published.

    \b
    Example:
      intake events schema > schema.json

    It is JSON without --json. Exit codes: 0 done, 2 wrong usage.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    say_json(document())


def document() -> dict[str, Any]:
    """One schema that takes any of the events, with each of them under `$defs`."""
    references, definitions = msgspec.json.schema_components(EVENTS, ref_template="#/$defs/{name}")
    for event in EVENTS:
        definitions[event.__name__]["x-routing-key"] = event.routing_key
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Events of the invoice intake",
        "anyOf": list(references),
        "$defs": definitions,
    }
