"""The contract, as a page and as the AsyncAPI document, both from console/events."""

import json
from collections.abc import Iterator
from typing import Any

from console.events import asyncapi
from console.events.headers import OF_DEAD_LETTERS
from console.events.messages import DEAD_LETTER, OWN, UNREAD, WEBHOOK
from console.events.promise import PROMISE
from scripts.reference.table import code, plain, table

HEAD = """\
# Events

<!-- written by make docs, as a whole -->

How to bind a queue of your own: [build behind ours](../howto/build-behind-ours.md). The same for programs:
[asyncapi.json](asyncapi.json), which `intake events asyncapi` prints; `intake events schema` prints the schemas of
the bodies alone."""


def document() -> str:
    return json.dumps(asyncapi.document(), indent=2, ensure_ascii=False) + "\n"


def page() -> str:
    return "\n\n".join(_parts(asyncapi.document())) + "\n"


def _parts(told: dict[str, Any]) -> Iterator[str]:
    messages, schemas = told["components"]["messages"], told["components"]["schemas"]
    yield HEAD
    yield PROMISE
    yield "## Properties and headers"
    any_one = messages[WEBHOOK]
    yield _fields(
        {**any_one["x-amqp-properties"], "required": any_one["x-amqp-properties"]["required"]}, "property"
    )
    yield _fields(any_one["headers"], "header")
    yield "## Bodies"
    for key, name in OWN.items():
        yield _section(key, told["channels"][key], messages[key], schemas[name])
    yield f"### webhook.&lt;trigger&gt;\n\n{plain(schemas['Webhook']['description'])}"
    yield f"### {UNREAD}\n\n{messages[UNREAD]['summary']} {messages[UNREAD]['payload']['description']}"
    yield "## Dead letters"
    yield _dead(told["channels"]["dead"], messages[DEAD_LETTER])
    yield "## Queues of the product"
    yield "Take nothing from them. They are listed so that you know whose they are."
    yield _queues(told["channels"])


def _section(key: str, channel: dict[str, Any], message: dict[str, Any], schema: dict[str, Any]) -> str:
    facts = [f"Version {schema['x-version']}."]
    if by := message.get("x-published-by"):
        facts.append(f"Published by: {', '.join(by)}.")
    if to := channel.get("x-consumed-by"):
        facts.append(f"Taken by: {', '.join(to)}.")
    example = json.dumps(message["examples"][0]["payload"], indent=2, ensure_ascii=False)
    parts = [f"### {key}", plain(message["summary"]), " ".join(facts), _fields(schema, "field")]
    for name, part in schema.get("$defs", {}).items():
        parts.append(f"`{name}`: {plain(part.get('description', ''))}")
        if "properties" in part:
            parts.append(_fields({"required": (), **part}, "field"))
    return "\n\n".join([*parts, f"```json\n{example}\n```"])


def _fields(schema: dict[str, Any], kind: str) -> str:
    rows = (
        (code(name), _type(told), "yes" if name in schema["required"] else "", plain(told.get("description", "")))
        for name, told in schema["properties"].items()
    )
    return table((kind, "type", "always", "meaning"), rows).strip()


def _type(told: dict[str, Any]) -> str:
    if "anyOf" in told:
        return " or ".join(_type(one) for one in told["anyOf"] if one != {"type": "null"})
    if "const" in told:
        return code(str(told["const"]))
    if told.get("type") == "array":
        return f"array of {_type(told['items'])}"
    return str(told.get("type") or told.get("$ref", "any").rpartition("/")[2] or "text")


def _dead(channel: dict[str, Any], message: dict[str, Any]) -> str:
    exchange = code(channel["bindings"]["amqp"]["exchange"]["name"])
    stages, whats = (", ".join(map(code, channel["parameters"][name]["enum"])) for name in ("stage", "what"))
    headers = {"properties": OF_DEAD_LETTERS, "required": ()}
    return "\n".join(
        [
            f"{message['summary']} They are on the direct exchange {exchange}, by the keys `<stage>.<what>`.",
            f"The stages are {stages}, and what became of it {whats}.",
            f"The headers of a letter that its worker wrote say why:\n\n{_fields(headers, 'header')}",
        ]
    )


def _queues(channels: dict[str, Any]) -> str:
    own = (each for name, each in channels.items() if name.startswith("queue."))
    rows = (
        (
            code(each["address"]),
            ", ".join(f"{code(one['key']) or 'all'} of {code(one['exchange'])}" for one in each["x-bindings"]),
        )
        for each in own
    )
    return table(("queue", "bound to"), rows).strip()
