"""All queues of the pipeline, read without losing a message, and filled again. Nobody else may be at work at them.

Two ways of reading, as each has a price. A message that is handed back to its queue counts as delivered, and after
two deliveries a worker handles it apart from others: so work queues and dead letters are passed through, as
`dead_letters` explains. In a delay queue that would begin the wait anew, and a backup an hour would make a wait of
an hour endless: there, messages are held until all others are read, and handed back. While they are held, none
comes from there to a work queue, so each message is read once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker
from pika.spec import Basic

from shared.amqp.confirms import NeverTakenError
from shared.amqp.operator import requests
from shared.amqp.operator.again import NEVER_AGAIN, again, properties_of
from shared.amqp.operator.alone import Alone, translated
from shared.amqp.operator.declared import declare
from shared.amqp.operator.lying import Lying
from shared.amqp.operator.past import NoStreamError, past
from shared.amqp.operator.stream import QUEUE, RESTORED_EXCHANGE, RESTORED_KEY, recorded
from shared.amqp.topology import Topology, topology
from shared.runtime.crash_points import CrashPoint, reached
from shared.runtime.ladder import queue_name
from shared.runtime.settle import DEFAULT_EXCHANGE
from shared.store.history.step import Delivery
from shared.wire.stages import STAGES, Stage

EVER = 0.0
"""Seconds since the epoch: as far as the stream reaches back."""
_OF_THE_STREAM = frozenset({"x-stream-offset"})


class Whole(Alone):
    """A context manager, for one thread. What is held lies in its queue again once it ends, however it ends."""

    def __init__(self, urls: Sequence[str], delays_s: tuple[int, ...], stages: Sequence[Stage] = STAGES) -> None:
        super().__init__(urls, "console backup")
        self._wanted: Topology = topology(delays_s, stages)
        self._recorded = recorded(delays_s)
        self.delays = tuple(map(queue_name, delays_s))
        """The delay queues, the shortest first."""
        self._passed = tuple(queue.name for queue in self._wanted.queues if queue.name not in self.delays)
        self._holding: BlockingChannel = self._connection.channel()

    @property
    def queues(self) -> tuple[str, ...]:
        """In the order in which they are read; without the stream."""
        return (*self.delays, *self._passed, requests.QUEUE)

    def lengths(self) -> dict[str, int]:
        """Of those that hold messages, the stream among them."""
        with translated():
            return {name: length for name in (*self.queues, QUEUE) if (length := self.length(name))}

    def read(self) -> Iterator[Lying]:
        """Every message of `queues`, queue by queue, the oldest first. UnknownError where the broker goes."""
        with translated():
            for name in self.delays:
                yield from self._hold(name)
            for name in (*self._passed, requests.QUEUE):
                yield from self._pass(name)

    def _hold(self, name: str) -> Iterator[Lying]:
        for _ in range(self.length(name)):
            method, props, body = self._holding.basic_get(name)
            if method is None:
                return
            yield _lying(name, name, method, props, body)

    def _pass(self, name: str) -> Iterator[Lying]:
        for _ in range(self.length(name)):
            method, props, body = self._channel.basic_get(name)
            if method is None:
                return
            lying = _lying(name, DEFAULT_EXCHANGE, method, props, body)
            self.publish(name, body, again(_with_type(method, props)))
            reached(CrashPoint.LETTER_SENT)
            self._channel.basic_ack(method.delivery_tag)
            yield lying

    # ---- filling ----

    def declare(self, *, asked: bool) -> None:
        """All that the pipeline needs; `asked`: the reconciler's queue too. NeverTakenError says what differs."""
        with translated():
            try:
                declare(self._connection, self._wanted)
                if asked:
                    declare(self._connection, requests.ASKED)
            except ChannelClosedByBroker as error:
                raise NeverTakenError(f"the broker has something else by that name: {error.reply_text}") from error

    def empty(self) -> None:
        """Take all messages off. Repeating is safe."""
        with translated():
            for name in self.queues:
                if self.length(name):
                    self._channel.queue_purge(name)
            self._channel.queue_delete(QUEUE)

    def fill(self, messages: Iterable[Lying]) -> Iterator[Lying]:
        """Each once the broker has confirmed it; those that lie there already are left out.

        So whoever was killed may begin anew: UnroutableError, NackedError, UnknownError.
        """
        there = Counter(lying.identity for lying in self.read()) if self.lengths() else Counter[str]()
        with translated():
            self._holding.close()  # what is held goes on to wait
            self._holding = self._connection.channel()
            for lying in messages:
                if there[lying.identity]:
                    there[lying.identity] -= 1
                else:
                    self.publish(lying.through, lying.body, lying.to_publish(), lying.exchange)
                    reached(CrashPoint.RESTORE_PUBLISHED)
                yield lying

    def fill_stream(self, messages: Iterable[Lying]) -> Iterator[Lying]:
        """Each once the broker has confirmed it, in a stream that is made anew."""
        with translated():
            self._channel.queue_delete(QUEUE)
            declare(self._connection, self._recorded)
            for lying in messages:
                props = lying.to_publish()
                props.headers |= {RESTORED_EXCHANGE: lying.exchange, RESTORED_KEY: lying.routing_key}
                self.publish(QUEUE, lying.body, props)
                yield lying


def stream(urls: Sequence[str]) -> Iterator[Lying]:
    """All that the history's stream holds, which stays; nothing where there is none. UnavailableError."""
    try:
        yield from map(_of_the_stream, past(urls, EVER))
    except NoStreamError:
        return


def _of_the_stream(delivery: Delivery) -> Lying:
    """By which exchange it came to the stream, for the history tells steps by that."""
    message = delivery.message
    properties = {
        "message_id": message.message_id,
        "correlation_id": message.correlation_id,
        "type": message.type,
        "timestamp": message.timestamp,
        "content_type": message.content_type,
        "app_id": message.app_id,
        "delivery_mode": 2,
    }
    return Lying(
        queue=QUEUE,
        exchange=delivery.exchange,
        routing_key=delivery.routing_key,
        properties={name: value for name, value in properties.items() if value},
        headers={name: value for name, value in delivery.headers.items() if name not in _OF_THE_STREAM},
        body=message.body,
    )


def _lying(queue: str, exchange: str, method: Basic.GetOk, props: pika.BasicProperties, body: bytes) -> Lying:
    return Lying(
        queue=queue,
        exchange=exchange,
        routing_key=method.routing_key,
        properties=properties_of(_with_type(method, props)),
        headers={name: value for name, value in (props.headers or {}).items() if name not in NEVER_AGAIN},
        body=body,
    )


def _with_type(method: Basic.GetOk, props: pika.BasicProperties) -> pika.BasicProperties:
    """The type says what the routing key may have said: the key changes."""
    if props.type is None:
        props.type = method.routing_key
    return props
