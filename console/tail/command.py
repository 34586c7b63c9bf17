"""`tail`: every event as it is published, one line each. It takes none from a worker, and keeps none."""

import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from console.connect.broker import broker_urls
from console.settings import FAILED
from console.terminal.printing import complain, say, say_json
from shared.amqp.operator.tap import Tap
from shared.errors import TransientError
from shared.text.outside import cell
from shared.text.reading import loads
from shared.wire.message import Message

QUIET_S = 3600.0
"""How long to wait for a message before waiting again."""


def command(
    context: typer.Context,
    *,
    types: Annotated[
        str,
        typer.Option("--type", metavar="PATTERN", help="A type, or an AMQP pattern: webhook.#, invoice.filed."),
    ] = "#",
    correlation: Annotated[
        str, typer.Option(metavar="ID", help="Only the events of this upload; the id's beginning is enough.")
    ] = "",
    count: Annotated[int, typer.Option(metavar="N", min=0, help="End after so many; 0 means never.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show every event as it happens.

    From the webhook to the announcement, one line each, until Ctrl-C. What was published before is not shown.

    \b
    Examples:
      intake tail
      intake tail --type "invoice.#"
      intake tail --type event.skipped --json | jq -r .body.reason
      intake tail --correlation 5f0c8a52

    The broker is found by AMQP_URL. Exit codes: 0 ended by Ctrl-C or --count, 1 the broker cannot be reached or
    went away, 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    urls = broker_urls(context.obj)
    shown = 0
    try:
        with Tap(urls, types) as tap:
            say("listening, Ctrl-C ends it", err=True)
            for message in _messages(tap):
                if not message.correlation_id.startswith(correlation):
                    continue
                if as_json:
                    say_json(_record(message), indent=None)
                else:
                    say(_line(message))
                shown += 1
                if shown == count:
                    return
    except TransientError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        return


def _messages(tap: Tap) -> Iterator[Message]:
    while True:
        yield from tap.messages(QUIET_S)


def _line(message: Message) -> str:
    told = _told(_body(message))
    text = f"{_clock()}  {message.type:<22} {message.correlation_id}  {told}"
    return cell(text).rstrip()


def _told(body: object) -> str:
    """The few facts of an event that tell one from another: its title, and what is said of it."""
    if not isinstance(body, dict):
        return ""
    payload = body.get("payload")
    about = payload if isinstance(payload, dict) else body
    title, file_id = about.get("title"), about.get("file_id") or about.get("id")
    parts = [f'"{title}"' if isinstance(title, str) else "", f"file {file_id}" if file_id else ""]
    if "destination" in body:
        parts.append(f"to folder {body['destination']}")
    if isinstance(body.get("reason"), str):
        parts.append(f"{body.get('stage')}: {body['reason']}")
    if "recipients" in body and "destination" not in body:
        parts.append(f"told {', '.join(map(str, body['recipients']))}")
    return "  ".join(part for part in parts if part)


def _record(message: Message) -> dict[str, Any]:
    return {
        "seen_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "type": message.type,
        "message_id": message.message_id,
        "correlation_id": message.correlation_id,
        "app_id": message.app_id,
        "body": _body(message),
    }


def _body(message: Message) -> Any:
    """As JSON, or as text where it is none."""
    try:
        return loads(message.body)
    except ValueError:
        return message.body.decode(errors="replace")


def _clock() -> str:
    return time.strftime("%H:%M:%S")
