"""`events`: the contract with whoever binds a queue of their own, and a queue to bind."""

import typer

from console.events import asyncapi as contract
from console.events.schema import document
from console.terminal.printing import say_json

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def events() -> None:
    """The events that the workers publish.

    \b
    Examples:
      intake events asyncapi
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


@app.command()
def asyncapi() -> None:
    """Print the contract as an AsyncAPI 3.0 document.

    Exchanges, routing keys, queues, bodies, headers, examples, and what is promised of the delivery. Tools make
    pages and code of it: https://www.asyncapi.com/tools

    \b
    Example:
      intake events asyncapi > asyncapi.json

    It is JSON without --json. Exit codes: 0 done, 2 wrong usage.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    say_json(contract.document())
