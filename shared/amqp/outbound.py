"""The publishing side of a process: one connection with one channel in confirm mode, made again after each loss.

To be used on the loop's thread; any thread may call `check`.
"""

from collections.abc import Callable, Sequence

import pika
from pika.adapters.select_connection import IOLoop
from pika.channel import Channel

from shared.amqp.client.link import Link
from shared.amqp.confirms import (
    ConfirmChannel,
    NackedError,
    PublishError,
    Settled,
    UnavailableError,
    UnroutableError,
)
from shared.amqp.declaration import Declaration
from shared.amqp.topology import Needed, Topology
from shared.amqp.trials import Trials, verdict
from shared.errors import RUN_TOPOLOGY
from shared.runtime.metrics import Metrics
from shared.wire.message import Publication

RENEW_S = 1.5
"""How soon after a refusal the connection is made again. A channel that first met a quorum queue while it had no
leader is refused for ever (RabbitMQ 3.10.8). Some refusals end by themselves, so it is not done at once."""
CONFIRM_WITHIN_S = 60.0
"""How long the broker may take to confirm, at most twice as long. Then the channel hangs, and only a new
connection shows what arrived. A quorum queue without its majority confirms nothing either: what is published
again is then there twice, with the same id."""


class Outbound:
    def __init__(
        self,
        loop: IOLoop,
        urls: Sequence[str],
        name: str,
        *,
        wanted: Topology,
        writes: Sequence[str],
        metrics: Metrics,
        on_closed: Callable[[], None],
    ) -> None:
        """`writes` are the exchanges it publishes to. `on_closed` is called whenever the connection is lost."""
        self._loop = loop
        self._metrics = metrics
        self._on_closed = on_closed
        self._confirms: ConfirmChannel | None = None
        self._trials = Trials()
        self._renewing = False
        self.link = Link(loop, urls, name, self._opened, self._lost)
        self._declaration = Declaration(loop, self.link, wanted, Needed(exchanges=tuple(writes)))

    def publish(self, publication: Publication, settled: Settled) -> None:
        """Send it. `settled` is called once: with None when the broker has it on disk, else with the error."""

        def answered(error: PublishError | None) -> None:
            if error is not None:
                self._metrics.publish_failures.labels(error.kind).inc()
            if isinstance(error, UnroutableError):
                error = self._unroutable(error)
            elif isinstance(error, NackedError):
                self._renew_soon()
            settled(error)

        if self._confirms is None:
            answered(UnavailableError(self.check() or "no connection to the broker"))
        elif self._trials.concern(publication):
            self._trials.publish(publication, answered)
        else:
            self._confirms.publish(publication, answered)

    def check(self) -> str | None:
        """Why nothing can be published now, None if it can."""
        if self._confirms is None:
            return self._declaration.fault or f"no connection to the broker: {self.link.reason}"
        if self.link.blocked:
            return "the broker takes no messages: its memory or disk alarm is on"
        return None

    def _unroutable(self, error: UnroutableError) -> UnroutableError:
        """Each new connection declares what is missing. Where that is not ours to do, it would change nothing."""
        if self._declaration.only_looks:
            return UnroutableError(f"{error}: {RUN_TOPOLOGY}")
        self._loop.call_later(0, lambda: self.link.drop(str(error)))
        return error

    def _watch(self, confirms: ConfirmChannel, waiting: int | None) -> None:
        """Give the connection up if the publish that waited longest at the last look still waits."""
        if self._confirms is not confirms:
            return
        oldest = None if self.link.blocked else confirms.oldest
        if oldest is not None and oldest == waiting:
            self.link.drop(f"the broker has not confirmed for {CONFIRM_WITHIN_S:.0f} s")
        else:
            self._loop.call_later(CONFIRM_WITHIN_S, lambda: self._watch(confirms, oldest))

    def _renew_soon(self) -> None:
        if not self._renewing:
            self._renewing = True
            self._loop.call_later(RENEW_S, self._renew)

    def _renew(self) -> None:
        self._renewing = False
        self.link.drop("the broker refused messages")

    def _opened(self, connection: pika.SelectConnection) -> None:
        self._declaration.begin(connection, self._declared)

    def _declared(self, channel: Channel) -> None:
        def ready() -> None:
            self._confirms = confirms
            self._trials.begin(channel.connection)
            self.link.settled()
            self._watch(confirms, None)

        confirms = ConfirmChannel(channel, ready)
        channel.add_on_close_callback(lambda _, error: self._channel_closed(confirms, error))

    def _channel_closed(self, confirms: ConfirmChannel, error: Exception) -> None:
        if verdict(error):  # it is about one publish in flight, and the broker does not say which
            self._trials.suspect(confirms.unanswered)
        self.link.drop(f"channel closed: {error}")

    def _lost(self, reason: str) -> None:
        confirms, self._confirms = self._confirms, None
        if confirms is not None:
            self._metrics.connections_lost.labels("publish").inc()
            confirms.lost(reason)
        self._trials.lost(reason)
        self._declaration.lost()
        self._on_closed()
