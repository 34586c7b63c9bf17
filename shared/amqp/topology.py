"""The exchanges and queues, declared by every process at every connection; repeating it is safe.

    docspace (topic) ── webhook.# ──────────▶ classifier ─┐
                     ── invoice.detected ───▶ mover       ├─ delivery limit ──▶ dead
                     ── invoice.filed ──────▶ notifier   ─┘
    dead (direct) ── <stage>.dead ─────────▶ queue of that name
    retry.5s … retry.1h (fanout) ──▶ queue of that name ── TTL ──▶ default exchange ──▶ the stage's queue

A binding that a stage has retired is taken away, once all others are there: on the way from one version to the
next no message is without a queue, and one may come to two. A process of the old version makes its binding again
whenever it connects, until it is gone.

A delay queue is reached by the exchange of its name, so that the routing key stays free to say which stage the
message returns to. Dead-lettering is at-least-once, which quorum queues do only with `reject-publish`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pika.channel import Channel

from shared.runtime.ladder import queue_name
from shared.runtime.settle import DEAD, DEFAULT_EXCHANGE, EXCHANGE
from shared.wire.stages import STAGES, Stage

DELIVERY_LIMIT = 20
"""A message that was delivered this often without an answer becomes a dead letter. Below RabbitMQ 4.3 a clean
stop counts too, so a small number would make dead letters of healthy messages during a rolling deploy."""

LOOKS = 1_000_000
"""The same limit for dead letters: practically none. A look through the management page hands a message back,
which counts as a delivery, and RabbitMQ 4 drops a message that was handed back 21 times from a queue without
a limit of its own. RabbitMQ 3.10 does not accept -1."""

_QUORUM: dict[str, Any] = {"x-queue-type": "quorum"}
_SAFE_DEAD_LETTERS: dict[str, Any] = {
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    arguments: dict[str, Any]
    exchange: str | None = None
    """The exchange it is bound to; None if it is reached by its name alone."""
    bindings: tuple[str, ...] = ()
    retired_bindings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topology:
    exchanges: tuple[tuple[str, str], ...]
    """(name, type)"""
    queues: tuple[Queue, ...]


def topology(delays_s: tuple[int, ...], stages: Sequence[Stage] = STAGES) -> Topology:
    """All that the product needs on the broker, with this retry ladder."""
    delays = tuple((queue_name(delay), delay) for delay in delays_s)
    return Topology(
        exchanges=((EXCHANGE, "topic"), (DEAD, "direct"), *((name, "fanout") for name, _ in delays)),
        queues=(
            *(_dead_queue(f"{stage.name}.dead") for stage in stages),
            *map(_work_queue, stages),
            *(_delay_queue(name, delay) for name, delay in delays),
        ),
    )


def _dead_queue(name: str) -> Queue:
    return Queue(name, {**_QUORUM, "x-delivery-limit": LOOKS}, DEAD, (name,))


def _work_queue(stage: Stage) -> Queue:
    arguments = {
        **_QUORUM,
        **_SAFE_DEAD_LETTERS,
        "x-dead-letter-exchange": DEAD,
        "x-dead-letter-routing-key": f"{stage.name}.dead",
        "x-delivery-limit": DELIVERY_LIMIT,
    }
    return Queue(stage.name, arguments, EXCHANGE, stage.bindings, stage.retired_bindings)


def _delay_queue(name: str, delay_s: int) -> Queue:
    home = {"x-dead-letter-exchange": DEFAULT_EXCHANGE, "x-message-ttl": delay_s * 1000}
    return Queue(name, {**_QUORUM, **_SAFE_DEAD_LETTERS, **home}, name, ("",))


def declare(channel: Channel, wanted: Topology, done: Callable[[], None]) -> None:
    """Declare all of it, then call `done`. If something differs on the broker, it closes the channel with a 406."""

    def next_step(_frame: object = None) -> None:
        """Declare one by one; each waits for the broker's answer to the one before."""
        step = next(steps, None)
        if step is None:
            done()
        else:
            step()

    steps = iter(
        [
            *(_exchange(channel, name, kind, next_step) for name, kind in wanted.exchanges),
            *(step for queue in wanted.queues for step in _queue(channel, queue, next_step)),
            *(step for queue in wanted.queues for step in _retire(channel, queue, next_step)),
        ]
    )
    next_step()


def _exchange(channel: Channel, name: str, kind: str, then: Callable[[object], None]) -> Callable[[], None]:
    return lambda: channel.exchange_declare(name, exchange_type=kind, durable=True, callback=then)


def _queue(channel: Channel, queue: Queue, then: Callable[[object], None]) -> Iterator[Callable[[], None]]:
    yield lambda: channel.queue_declare(queue.name, durable=True, arguments=queue.arguments, callback=then)
    for key in queue.bindings:
        yield partial(channel.queue_bind, queue.name, queue.exchange, key, callback=then)


def _retire(channel: Channel, queue: Queue, then: Callable[[object], None]) -> Iterator[Callable[[], None]]:
    """Remove a binding. The broker accepts this also if there is no such binding."""
    for key in queue.retired_bindings:
        yield partial(channel.queue_unbind, queue.name, queue.exchange, key, callback=then)
