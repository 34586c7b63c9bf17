"""`python -m tests.chaos.sabotaged KIND WORKER [ARGUMENT …]`: a worker that breaks a promise, for chaos to notice.

The product is changed from outside, in this process alone; it has no code for this.
"""

import runpy
import sys
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pika.spec import Basic

import console.reconcile.deliveries
import mover.plan
from shared.amqp import answers, confirms, inbound
from shared.store.ledger import Ledger, Won
from shared.wire.message import Publication


def confirms_off() -> None:
    """A publish counts as safe once it was written to the socket."""

    def publish(self: confirms.ConfirmChannel, publication: Publication, settled: confirms.Settled) -> None:
        if not self._channel.is_open:
            settled(confirms.UnavailableError("the broker's channel is closed"))
            return
        self._channel.connection.publish(self._channel.channel_number, publication)
        settled(None)

    confirms.ConfirmChannel.publish = publish  # type: ignore[method-assign]
    confirms.ConfirmChannel._confirmed = lambda *_: None  # type: ignore[method-assign]


def ack_first() -> None:
    """A message is acknowledged when it comes, before what follows from it is published."""
    received = inbound.Inbound._received

    def acknowledge_then_receive(
        self: inbound.Inbound, channel: Any, method: Basic.Deliver, props: Any, body: bytes
    ) -> None:
        channel.basic_ack(method.delivery_tag)
        received(self, channel, method, props, body)

    inbound.Inbound._received = acknowledge_then_receive  # type: ignore[method-assign,assignment]
    answers.Answers._flush = lambda self: setattr(self, "_flushing", False)  # type: ignore[method-assign]


def always_won() -> None:
    """Every claim is won, by everybody, for ever."""
    Ledger.claim = lambda *_, **__: Won(uuid.uuid4().hex)  # type: ignore[method-assign]
    Ledger.note = lambda *_: True  # type: ignore[method-assign]


def hurried() -> None:
    """No sabotage: what waits for minutes after a crash waits for seconds, so that a short run can end."""
    mover.plan.SETTLE_S = 10.0


def afterwards() -> None:
    """No sabotage: the portal is known to have sent all that it will, so what it has not sent it has forgotten."""
    console.reconcile.deliveries.FORGOTTEN = timedelta(seconds=1)


KINDS: dict[str, Callable[[], None]] = {
    "confirms-off": confirms_off,
    "ack-first": ack_first,
    "always-won": always_won,
    "hurried": hurried,
    "afterwards": afterwards,
}


def main() -> None:
    _, kind, worker, *arguments = sys.argv
    KINDS[kind]()
    sys.argv = [worker, *arguments]
    runpy.run_module(f"{worker}.__main__", run_name="__main__")


if __name__ == "__main__":
    main()
