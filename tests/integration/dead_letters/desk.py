"""What the operator types, and what lies in the dead queues for it."""

import json
import time
from collections import Counter
from typing import Any

from typer.testing import CliRunner

from console.__main__ import app
from shared.runtime.ladder import Ladder
from shared.runtime.settle import Settler
from shared.text.codes import Code
from shared.wire.message import Message
from shared.wire.outcome import Dead
from tests.support.runtime import DELAYS_S, event, plain_channel, running_publisher


def run(*arguments: str, answer: str | None = None):
    return CliRunner().invoke(app, ["dead", *arguments], input=answer)


def listed() -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = json.loads(run("list", "--json").stdout)
    return groups


def tired(number: int) -> Message:
    """One that went up the whole ladder."""
    message = event(number, "invoice.detected").message
    return Message(
        body=b'{"title": "Invoice %d"}' % number,
        type=message.type,
        message_id=message.message_id,
        correlation_id=message.correlation_id,
        timestamp=1_700_000_000,
        received_at=1_700_000_000.987,
        app_id="classifier@test",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        attempt=9,
        first_failed_at=1_700_000_100.5,
        not_before=1_700_000_200.5,
    )


def bury(url: str, *messages: Message, reason: str, code: Code = Code.NO_RIGHT, stage: str = "mover") -> None:
    """As the worker's consumer does."""
    settler = Settler(stage, Ladder(DELAYS_S, 60), app_id=stage)
    with running_publisher(url) as publisher:
        for message in messages:
            died = settler.settle(message, Dead(reason, code), now=time.time())
            publisher.publish(died.publication, timeout_s=10)


def ids_in(url: str, queue: str) -> Counter[str]:
    """Of all its messages in their order, removed from it."""
    found: Counter[str] = Counter()
    with plain_channel(url) as channel:
        while (taken := channel.basic_get(queue, auto_ack=True))[0] is not None:
            found[taken[1].message_id] += 1
    return found
