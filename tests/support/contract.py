"""Holds all that is published in a run to the contract, and the contract to it."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pika
import requests
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from console.__main__ import app
from console.events.asyncapi import document
from demo.ports import free_port
from shared.amqp.operator.requests import Requests
from shared.hooks.signature import made
from shared.runtime.settle import DEAD, EXCHANGE
from tests.support.history import Projector
from tests.support.pipeline import INCOMING, MANAGER, ROOM, Pipeline, Worker
from tests.support.receiver import Receiver, Reply
from tests.support.runtime import plain_channel
from tests.support.webhooks import signed_headers

QUEUE = "contract"
RULES = f"""
[[rule]]
name = "in digests"
rooms = [{ROOM}]
destination = {INCOMING}
recipients = ["{MANAGER}"]
digest = "every 2 seconds"
"""
COMMANDS = (
    ("action", "pause", "mover", "--why", "a test", "--for", "30m"),
    ("action", "unpause", "mover"),
    ("action", "look", str(ROOM)),
    ("rules", "publish", "--comment", "a test"),
)
"""Each publishes what no upload does; the last is given the file with RULES."""
PROPERTIES = ("message_id", "correlation_id", "type", "timestamp", "content_type", "app_id", "delivery_mode")


def listen(url: str) -> None:
    """From now on all that is published is kept, a restart of the broker included."""
    contract = document()
    with plain_channel(url) as channel:
        channel.queue_declare(QUEUE, durable=True)
        channel.exchange_declare(EXCHANGE, "topic", durable=True)
        channel.queue_bind(QUEUE, EXCHANGE, "#")
        channel.exchange_declare(DEAD, "direct", durable=True)
        letters = contract["channels"][DEAD]["parameters"]
        for stage in letters["stage"]["enum"]:
            for what in letters["what"]["enum"]:
                channel.queue_bind(QUEUE, DEAD, f"{stage}.{what}")


@contextlib.contextmanager
def the_others(pipeline: Pipeline, url: str, folder: Path) -> Iterator[Path]:
    """The history, and a dispatcher with an endpoint that accepts and one that is gone; yields the rules that name
    both. A pipeline runs without them.
    """
    secret, rules, port = folder / "hook.secret", folder / "rules.toml", free_port()
    secret.write_text(made())
    environ = pipeline.workers["notifier"].environ
    with Receiver() as accepts, Receiver() as gone:
        gone.answer = lambda _: Reply(410)
        tables = (_endpoint("accepts", accepts, secret), _endpoint("gone", gone, secret))
        rules.write_text(RULES + "".join(tables))
        asked = environ | {"HEALTH_PORT": str(port), "RULES_FILE": str(rules)}
        projector = Projector(url, folder, DATABASE_URL=environ["DATABASE_URL"])
        dispatcher = Worker("dispatcher", asked, folder / "dispatcher.log", port)
        try:
            dispatcher.start()
            dispatcher.wait_ready()
            yield rules
        finally:
            projector.kill()
            dispatcher.stop()


def _endpoint(name: str, receiver: Receiver, secret: Path) -> str:
    return f"""
[[endpoint]]
name = "{name}"
url = "{receiver.url}"
events = ["invoice.filed"]
secret_file = "{secret}"
allow_http = true
allow_private = true
"""


def do_the_rest(pipeline: Pipeline, url: str, rules: Path) -> None:
    """What makes each message that uploads do not make; the commands find the pipeline by the environment."""
    with Requests([url]):  # the reconciler's queue
        for command in COMMANDS:
            done = CliRunner().invoke(app, [*command, *([str(rules)] if command[0] == "rules" else []), "--yes"])
            assert done.exit_code == 0, done.output
    body = b'{"no": "trigger"}'
    requests.post(pipeline.webhook_url, data=body, headers=signed_headers(body), timeout=5).raise_for_status()
    pipeline.upload("Contract.pdf")


@dataclass
class Heard:
    url: str
    faults: list[str] = field(default_factory=list)
    """What was published otherwise than the contract says."""
    seen: set[str] = field(default_factory=set)
    contract: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(document())))

    def missing(self) -> set[str]:
        """The messages of the contract that were not seen yet."""
        with plain_channel(self.url) as channel:
            while True:
                method, props, body = channel.basic_get(QUEUE, auto_ack=True)
                if method is None:
                    return set(self.contract["components"]["messages"]) - self.seen
                self._take(method.exchange, method.routing_key, props, body)

    def _take(self, exchange: str, key: str, props: pika.BasicProperties, body: bytes) -> None:
        name = self._channel_of(exchange, key)
        if name is None:
            self.faults.append(f"{exchange} {key}: no channel of the contract is such")
            return
        (message_name,) = self.contract["channels"][name]["messages"]
        self.seen.add(message_name)
        told = self.contract["components"]["messages"][message_name]
        headers = dict(props.headers or {})
        own = {each: getattr(props, each) for each in PROPERTIES if getattr(props, each) is not None}
        self._judge(key, told["x-amqp-properties"], own)
        self._judge(key, told["headers"], {each: value for each, value in headers.items() if each[:2] != "x-"})
        unknown = {each for each in headers if each[:2] != "x-"} - set(told["headers"]["properties"])
        self.faults += [f"{key}: the header {each} is not in the contract" for each in unknown]
        reference = told["payload"].get("$ref", "").rpartition("/")[2]
        if reference:
            schema = self.contract["components"]["schemas"][reference]
            found = json.loads(body)
            self._judge(key, schema, found)
            if "x-routing-key" in schema:
                unknown = set(found) - set(schema["properties"])
                self.faults += [f"{key}: the field {each} is not in the contract" for each in unknown]

    def _channel_of(self, exchange: str, key: str) -> str | None:
        if exchange == DEAD:
            return DEAD
        known = {
            channel["address"]: name
            for name, channel in self.contract["channels"].items()
            if channel["bindings"]["amqp"]["is"] == "routingKey"
        }
        return known.get(key) or (known["webhook.{trigger}"] if key.startswith("webhook.") else None)

    def _judge(self, key: str, schema: dict[str, Any], value: object) -> None:
        self.faults += [
            f"{key}: {error.json_path}: {error.message}"
            for error in Draft202012Validator(schema).iter_errors(value)
        ]
