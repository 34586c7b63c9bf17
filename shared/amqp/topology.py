"""The exchanges and queues, declared at every connection of a process that may; repeating it is safe.

    docspace (topic) ── webhook.# ──────────▶ classifier ─┐
                     ── invoice.detected ───▶ mover       ├─ delivery limit ──▶ dead
                     ── invoice.filed ──────▶ notifier   ─┘
    With the reader: invoice.filed ─▶ reader ─ invoice.read, also after its patience ─▶ notifier
    dead (direct) ── <stage>.dead, <stage>.kept ──▶ <stage>.dead
                  ── <stage>.again ────────▶ the stage's queue
    retry.5s … retry.1h (fanout) ──▶ queue of that name ── TTL ──▶ default exchange ──▶ the stage's queue

A binding that a stage has retired is taken away, once all others are there: on the way from one version to the
next no message is without a queue, and one may come to two. A process of the old version makes its binding again
whenever it connects, until it is gone.

A person's replay has a key of its own. So their commands need no access to the default exchange, which reaches
every queue. The broker itself uses it when a wait ends, and asks nobody's permission then.

A delay queue is reached by the exchange of its name, so that the routing key stays free to say which stage the
message returns to. Dead-lettering is at-least-once, which quorum queues do only with `reject-publish`.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Any, NamedTuple

from pika.channel import Channel

from shared.runtime.ladder import queue_name
from shared.runtime.settle import AGAIN, DEAD, DEFAULT_EXCHANGE, DIED, EXCHANGE, KEPT
from shared.wire.stages import STAGES, Stage, switched_off

DELIVERY_LIMIT = 20
"""A message that was delivered this often without an answer becomes a dead letter. Below RabbitMQ 4.3 a clean
stop counts too, so a small number would make dead letters of healthy messages during a rolling deploy."""

LOOKS = 1_000_000
"""The same limit for dead letters: practically none. A look through the management page hands a message back,
which counts as a delivery, and RabbitMQ 4 drops a message that was handed back 21 times from a queue without
a limit of its own. RabbitMQ 3.10 does not accept -1."""

MARKERS = f"{EXCHANGE}.topology"
"""The beginning of a marker's name."""

_QUORUM: dict[str, Any] = {"x-queue-type": "quorum"}
_SAFE_DEAD_LETTERS: dict[str, Any] = {
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


class Binding(NamedTuple):
    exchange: str
    key: str


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    arguments: dict[str, Any]
    bindings: tuple[Binding, ...] = ()
    retired_bindings: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class Topology:
    exchanges: tuple[tuple[str, str], ...]
    """(name, type)"""
    queues: tuple[Queue, ...]
    unbound: tuple[tuple[str, Binding], ...] = ()
    """Bindings of queues that it does not have and an earlier one had. They are taken away; the queues stay."""
    marker: str | None = None
    """An exchange that is made last and carries nothing. If it is there, all else is, the bindings included."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What a process reads and writes: all that one whose broker user may not declare looks for."""

    queues: tuple[str, ...] = ()
    exchanges: tuple[str, ...] = ()


Step = tuple[str, dict[str, Any]]
"""A method of a channel of pika's, whichever kind, and what it is called with."""


def topology(delays_s: tuple[int, ...], stages: Sequence[Stage] = STAGES) -> Topology:
    """All that the workers need on the broker, with this retry ladder."""
    delays = tuple((queue_name(delay), delay) for delay in delays_s)
    of_stages = (*(_dead_queue(stage.name) for stage in stages), *map(_work_queue, stages))
    off = ((stage.name, Binding(EXCHANGE, key)) for stage in switched_off(stages) for key in stage.bindings)
    return Topology(
        exchanges=((EXCHANGE, "topic"), (DEAD, "direct"), *((name, "fanout") for name, _ in delays)),
        queues=(*of_stages, *(_delay_queue(name, delay) for name, delay in delays)),
        unbound=tuple(off),
        marker=_marker(of_stages),
    )


def of_lane(lane: Stage) -> Topology:
    """The queues of an endpoint, apart from the workers' topology: the dispatcher's user may make these alone. The
    exchanges have to be there.
    """
    return Topology(exchanges=(), queues=(_dead_queue(lane.name), _work_queue(lane)))


def _marker(queues: tuple[Queue, ...]) -> str:
    """Another one for each release that changes a stage's queue or binding.

    AMQP shows no bindings, and no publish is returned for the lack of one: the history's stream takes all events.
    """
    told = json.dumps([astuple(queue) for queue in queues], sort_keys=True)
    return f"{MARKERS}.{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def _dead_queue(stage: str) -> Queue:
    keys = (f"{stage}.{what}" for what in (DIED, KEPT))
    arguments = {**_QUORUM, "x-delivery-limit": LOOKS}
    return Queue(f"{stage}.dead", arguments, tuple(Binding(DEAD, key) for key in keys))


def _work_queue(stage: Stage) -> Queue:
    arguments = {**_QUORUM, **_SAFE_DEAD_LETTERS, **_way_out(stage), "x-delivery-limit": DELIVERY_LIMIT}
    return Queue(
        stage.name,
        arguments,
        (*(Binding(EXCHANGE, key) for key in stage.bindings), Binding(DEAD, f"{stage.name}.{AGAIN}")),
        tuple(Binding(EXCHANGE, key) for key in stage.retired_bindings),
    )


def _way_out(stage: Stage) -> dict[str, Any]:
    """Where a message goes that was delivered too often, or that waited for too long."""
    if stage.patience_s is None:
        return {"x-dead-letter-exchange": DEAD, "x-dead-letter-routing-key": f"{stage.name}.{DIED}"}
    goes_on = {"x-dead-letter-exchange": EXCHANGE, "x-dead-letter-routing-key": stage.publishes.routing_key}
    return {**goes_on, "x-message-ttl": stage.patience_s * 1000}


def _delay_queue(name: str, delay_s: int) -> Queue:
    home = {"x-dead-letter-exchange": DEFAULT_EXCHANGE, "x-message-ttl": delay_s * 1000}
    return Queue(name, {**_QUORUM, **_SAFE_DEAD_LETTERS, **home}, (Binding(name, ""),))


def declare(channel: Channel, wanted: Topology, done: Callable[[], None]) -> None:
    """Declare all of it, then call `done`. If something differs on the broker, it closes the channel with a 406;
    if the user may not declare it, with a 403.
    """
    _take(channel, declaring(wanted), done)


def look(channel: Channel, needed: Needed, done: Callable[[], None]) -> None:
    """Call `done` if all of it is there; else the broker closes the channel with a 404. It needs no permission."""
    _take(channel, looking(needed), done)


def declaring(wanted: Topology) -> Iterator[Step]:
    """Every binding is made before one is taken away. The broker also accepts that if there is no such binding."""
    for name, kind in wanted.exchanges:
        yield "exchange_declare", {"exchange": name, "exchange_type": kind, "durable": True}
    for queue in wanted.queues:
        yield "queue_declare", {"queue": queue.name, "durable": True, "arguments": queue.arguments}
        for exchange, key in queue.bindings:
            yield "queue_bind", {"queue": queue.name, "exchange": exchange, "routing_key": key}
    retired = [(queue.name, binding) for queue in wanted.queues for binding in queue.retired_bindings]
    for name, (exchange, key) in (*retired, *wanted.unbound):
        yield "queue_unbind", {"queue": name, "exchange": exchange, "routing_key": key}
    if wanted.marker:
        marker = {"exchange": wanted.marker, "exchange_type": "fanout"}
        yield "exchange_declare", {**marker, "durable": True, "internal": True}


def looking(needed: Needed) -> Iterator[Step]:
    for name in needed.exchanges:
        yield "exchange_declare", {"exchange": name, "passive": True}
    for name in needed.queues:
        yield "queue_declare", {"queue": name, "passive": True}


def _take(channel: Channel, steps: Iterator[Step], done: Callable[[], None]) -> None:
    """One by one; each waits for the broker's answer to the one before."""

    def next_step(_frame: object = None) -> None:
        step = next(steps, None)
        if step is None:
            done()
            return
        method, arguments = step
        getattr(channel, method)(**arguments, callback=next_step)

    next_step()
