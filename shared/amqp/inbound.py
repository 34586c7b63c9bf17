"""The consuming side of a worker: one connection with one channel and one consumer, made again after each loss.

It does not decide what to do with a message or when to acknowledge it. To be used on the loop's thread; any thread
may call the checks.
"""

from collections.abc import Callable, Sequence

import pika
from pika.adapters.select_connection import IOLoop
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic

from shared.amqp.client import codec
from shared.amqp.client.link import Link
from shared.amqp.declaration import Declaration
from shared.amqp.presence import Presence
from shared.amqp.topology import Needed, Topology
from shared.runtime.metrics import Metrics
from shared.wire.message import Message


class Inbound:
    def __init__(
        self,
        loop: IOLoop,
        urls: Sequence[str],
        name: str,
        *,
        wanted: Topology,
        queue: str,
        prefetch: int,
        metrics: Metrics,
        on_message: Callable[[int, Message], None],
        on_lost: Callable[[str], None],
        on_served: Callable[[int], None],
        in_hand: Callable[[], int],
    ) -> None:
        """`on_message` is called with the tag and the message of each delivery. `in_hand()` returns how many are
        not acknowledged.

        `on_lost` is called with the reason whenever the connection is lost; every tag is void then. `on_served` is
        called with the queue's number of consumers each time the broker was asked for it.
        """
        self._queue = queue
        self._prefetch = prefetch
        self._metrics = metrics
        self._on_message = on_message
        self._on_lost = on_lost
        self._channel: Channel | None = None
        self._consumer_tag: str | None = None
        self._consuming = False
        self._paused = False
        self._ended = False
        self.link = Link(loop, urls, name, self._opened, self._lost)
        self._declaration = Declaration(loop, self.link, wanted, Needed(queues=(queue,)))
        self._presence = Presence(
            loop,
            queue,
            drop=self.link.drop,
            in_hand=in_hand,
            consuming=lambda: self._consuming,
            on_served=on_served,
        )

    @property
    def channel(self) -> Channel | None:
        """The open channel, to acknowledge on; None if there is none."""
        channel = self._channel
        return channel if channel is not None and channel.is_open else None

    def check(self) -> str | None:
        """Why there is no connection that can do its work, None if there is one."""
        if self._channel is not None:
            return None
        return self._declaration.fault or f"no connection to the broker: {self.link.reason}"

    def check_served(self) -> str | None:
        """Why our consumer may not be getting messages from the broker, None if it is."""
        return self._presence.check()

    def pause(self) -> None:
        """Take no messages until `resume`, not on new connections either."""
        self._paused = True
        self._cancel()

    def resume(self) -> None:
        self._paused = False
        self._consume_again()

    def end(self) -> None:
        """Take no more messages. The channel stays open for the acks."""
        self._ended = True
        self._cancel()

    def _opened(self, connection: pika.SelectConnection) -> None:
        self._declaration.begin(connection, self._declared)

    def _declared(self, channel: Channel) -> None:
        channel.add_on_close_callback(lambda _, error: self.link.drop(f"channel closed: {error}"))
        channel.add_on_cancel_callback(lambda _: self.link.drop("the broker cancelled our consumer"))
        channel.basic_qos(prefetch_count=self._prefetch, callback=lambda _: self._prepared(channel))

    def _prepared(self, channel: Channel) -> None:
        if self._ended:
            self.link.close()
        elif self._paused:
            self._in_place(channel)
        else:
            self._consume(channel)

    def _consume(self, channel: Channel) -> None:
        def consuming(_frame: Method) -> None:
            self._in_place(channel)
            self._consuming = True
            if self._paused:
                self._cancel()

        self._consumer_tag = channel.basic_consume(self._queue, self._received, callback=consuming)

    def _in_place(self, channel: Channel) -> None:
        if self._channel is not channel:
            self._channel = channel
            self.link.settled()
            self._presence.watch(channel.connection)

    def _received(self, _channel: Channel, method: Basic.Deliver, props: pika.BasicProperties, body: bytes) -> None:
        self._on_message(method.delivery_tag, codec.message(method, props, body))

    def _consume_again(self) -> None:
        """Consume again, unless the broker has not yet answered the last cancel. Its answer calls this too."""
        channel = self.channel
        if channel and not (self._consumer_tag or self._paused or self._ended):
            self._consume(channel)

    def _cancel(self) -> None:
        channel, tag = self.channel, self._consumer_tag
        self._consuming = False
        if channel is None or tag is None:
            return

        def cancelled(_frame: Method) -> None:
            if self._consumer_tag == tag:
                self._consumer_tag = None
                self._consume_again()

        channel.basic_cancel(tag, callback=cancelled)

    def _lost(self, reason: str) -> None:
        if self._channel is not None:
            self._metrics.connections_lost.labels("consume").inc()
        self._channel = None
        self._consumer_tag = None
        self._consuming = False
        self._declaration.lost()
        self._presence.forget()
        self._on_lost(reason)
