"""What each role may do on the broker: derived from the stages, the topology and the events. Pure.

A broker's user may configure, write and read whatever a pattern each matches. On the exchange of events its routing
keys and binding keys must match two more.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.amqp.operator import alone, requests, stream
from shared.amqp.topology import MARKERS
from shared.runtime.settle import DEAD, EXCHANGE
from shared.wire.events import EVENTS, HookDelivered, HookSkipped, InvoiceDead
from shared.wire.stages import DISPATCHER, EVERY, EVERY_NAME, HANDED_ON, LANES, STAGES, Stage

EVERYTHING = "#"
DEFAULT = "amq.default"
"""How permissions name the default exchange."""
OWN_QUEUES = "amq.gen*"
"""Queues that the broker names, and drops with the connection that made them."""
DELAYS = "retry.*"
DEAD_QUEUES = tuple(f"{stage}.dead" for stage in EVERY_NAME)
OURS = (EXCHANGE, f"{MARKERS}.*", DEAD, DELAYS, *EVERY_NAME, *DEAD_QUEUES, requests.QUEUE, stream.QUEUE)
DEAD_LANES = f"{LANES}.dead"
DEVELOPER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""A developer's name. Without a dot: `dev.a` may do all to `dev.a.*`, so `a.b` would be no stranger to it."""
WEBHOOKS = STAGES[0].bindings
BY_PEOPLE = tuple(event.routing_key for event in EVENTS if event.by_a_person)
SEES_RATES = ("monitoring",)
"""The tag with which the management API tells rates, and who consumes. It changes nothing there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    name: str
    configure: tuple[str, ...] = ()
    """Exchanges and queues that it may make and delete. A `*` in a name stands for any characters."""
    write: tuple[str, ...] = ()
    """Exchanges that it may publish to, and queues that it may bind."""
    read: tuple[str, ...] = ()
    """Queues that it may consume and purge, and exchanges that it may bind queues to."""
    publishes: tuple[str, ...] = ()
    """Routing keys on the exchange of events, with AMQP's `*` and `#`."""
    hears: tuple[str, ...] = ()
    """Binding keys on the exchange of events."""
    tags: tuple[str, ...] = ()
    """What its user may see on the management page; nothing without one."""

    prefix: str = "intake-"
    """A broker that others use too may have a user `web` already."""

    @property
    def user(self) -> str:
        return f"{self.prefix}{self.name}"


def roles() -> tuple[Role, ...]:
    return (
        _topology(),
        Role(name="ingress", write=(EXCHANGE,), publishes=WEBHOOKS),
        *map(_worker, EVERY),
        _dispatcher(),
        Role(name="history", write=(EXCHANGE,), read=(stream.QUEUE,), publishes=(InvoiceDead.routing_key,)),
        Role(
            name="reconciler",
            configure=(alone.LOCK,),
            write=(EXCHANGE, DEAD),
            read=(requests.QUEUE, *DEAD_QUEUES, stream.QUEUE),
            publishes=WEBHOOKS,
        ),
        Role(
            name="console",
            configure=(alone.LOCK, OWN_QUEUES),
            write=(EXCHANGE, DEAD, OWN_QUEUES),
            read=(*DEAD_QUEUES, DEAD_LANES, stream.QUEUE, EXCHANGE, OWN_QUEUES),
            publishes=(*WEBHOOKS, *BY_PEOPLE),
            hears=(EVERYTHING,),
            tags=SEES_RATES,
        ),
        Role(
            name="web",
            configure=(alone.LOCK,),
            write=(EXCHANGE, DEAD),
            read=(*DEAD_QUEUES, stream.QUEUE),
            publishes=BY_PEOPLE,
            tags=SEES_RATES,
        ),
        _backup(),
        Role(name="monitoring", tags=SEES_RATES),
    )


def developer(name: str, hears: Sequence[str] = (EVERYTHING,)) -> Role:
    """Who builds behind the pipeline: makes queues below a prefix of their own, and binds them to the events."""
    own = f"dev.{name}.*"
    return Role(
        name=f"dev.{name}", prefix="", configure=(own,), write=(own,), read=(own, EXCHANGE), hears=tuple(hears)
    )


def _topology() -> Role:
    """It publishes no event. To make a queue that dead-letters, it must be allowed to read that queue, and to write
    to where the letters go.
    """
    return Role(name="topology", configure=OURS, write=(*OURS, DEFAULT), read=OURS, hears=(EVERYTHING,))


def _backup() -> Role:
    """It reads all queues and fills them again, and a restore makes them before, while nobody is at work."""
    return Role(
        name="backup",
        configure=(*OURS, alone.LOCK),
        write=(*OURS, DEFAULT),
        read=OURS,
        hears=(EVERYTHING,),
        tags=SEES_RATES,
    )


def _worker(stage: Stage) -> Role:
    events = (stage.publishes, *stage.also_publishes)
    return Role(
        name=stage.name,
        write=(EXCHANGE, DEAD, DELAYS),
        read=(stage.name,),
        publishes=tuple(event.routing_key for event in events),
    )


def _dispatcher() -> Role:
    """It makes the queues of the endpoints, which the rules name."""
    return Role(
        name=DISPATCHER,
        configure=(LANES,),
        write=(EXCHANGE, DEAD, DELAYS, LANES),
        read=(LANES, EXCHANGE, DEAD),
        publishes=tuple(event.routing_key for event in (HookDelivered, HookSkipped)),
        hears=HANDED_ON,
    )


def pattern(names: Iterable[str]) -> str:
    """The regular expression that RabbitMQ compares names with; for no name, one that no name matches."""
    return _one_of(_prefixed(name) for name in names)


def key_pattern(keys: Iterable[str]) -> str:
    """The same for routing keys and binding keys. RabbitMQ takes a binding key as a text, with its `#` and `*`."""
    return _one_of(_of_key(key) for key in keys)


def _one_of(patterns: Iterable[str]) -> str:
    joined = "|".join(patterns)
    return f"^({joined})$" if joined else "^$"


def _prefixed(name: str) -> str:
    return ".*".join(map(re.escape, name.split("*")))


def _of_key(key: str) -> str:
    """A `*` is one word, and not the `#` of a wider binding; a `#` is any number of words, none included."""
    found = ""
    for word in key.split("."):
        dot = r"\." if found else ""
        match word:
            case "#":
                found += rf"({dot}.*)?" if found else ".*"
            case "*":
                found += rf"{dot}[^.#]+"
            case _:
                found += dot + re.escape(word)
    return found
