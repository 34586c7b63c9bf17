"""Takes a stage's messages, has them handled by a pool of threads, and settles them: publish, confirm, then ack.

One thread owns both connections: one to consume, one to publish, because a broker short of memory stops reading
from publishers, and must still get our acks. Publishing and acknowledging are pipelined. Whatever goes wrong
with a connection or a channel ends in a new one; what was not acknowledged comes again.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pika
import structlog
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic

from shared.amqp import codec
from shared.amqp.acks import HEAD_PATIENCE_S, AckWindow
from shared.amqp.confirms import PublishError
from shared.amqp.link import Link
from shared.amqp.loop import LoopThread
from shared.amqp.outbound import Outbound
from shared.amqp.pool import Pool
from shared.amqp.presence import Presence
from shared.amqp.suspects import Suspects
from shared.amqp.topology import Topology, declare
from shared.crash_points import CrashPoint, reached
from shared.message import Message, Publication
from shared.metrics import Metrics
from shared.settle import Settlement

REPUBLISH_S = 1.0
"""Between tries to publish what the broker did not confirm; its delivery stays unacknowledged meanwhile."""

SUSPECTS_PAUSE_S = 0.1
"""Before a message is handled that may kill us: for what came with it to arrive, and for the acks to leave."""

log = structlog.get_logger()

Handle = Callable[[Message], Settlement]
"""Never raises: the worker turns every error into an outcome."""
WaitLonger = Callable[[Message, float], Publication | None]


@dataclass(slots=True)
class _Job:
    """One delivery on its way to its ack. `session` says which connection's tag it is."""

    session: int
    tag: int
    message: Message
    received: float = field(default_factory=time.monotonic)
    publication: Publication | None = None
    settlement: Settlement | None = None
    taken_in: bool = False
    """`Suspects` counts it."""


class Consumer:
    def __init__(
        self,
        *,
        urls: Sequence[str],
        wanted: Topology,
        queue: str,
        name: str,
        handle: Handle,
        wait_longer: WaitLonger,
        concurrency: int,
        prefetch: int,
        metrics: Metrics,
    ) -> None:
        self._wanted = wanted
        self._queue = queue
        self._handle = handle
        self._wait_longer = wait_longer
        self._prefetch = prefetch
        self._metrics = metrics
        self._thread = LoopThread("amqp", self._begin)
        self._loop = self._thread.loop
        self._inbound = Link(self._loop, urls, f"{name} consume", self._inbound_opened, self._inbound_lost)
        self._outbound = Outbound(
            self._loop, urls, f"{name} publish", wanted=wanted, metrics=metrics, on_closed=self._stop_if_closed
        )
        self._presence = Presence(
            self._loop, queue, self._inbound.drop, lambda: len(self._acks), lambda: self._consuming
        )
        self._channel: Channel | None = None
        self._consumer_tag: str | None = None
        self._consuming = False
        self._paused = False
        self._session = 0
        self._acks = AckWindow()
        self._flushing = False
        self._suspects: Suspects[_Job] = Suspects()
        self._busy = 0
        self._draining = False
        self._drained = threading.Event()
        self.died = self._thread.died
        self._pool = Pool(concurrency, self._thread, work=self._work_on, collect=self._collect)

    # ---- any thread ----

    def start(self) -> None:
        self._thread.start()

    def check(self) -> str | None:
        """Why messages cannot be taken and settled now, else None: connected both ways, and the broker says so."""
        if self._channel is None:
            return f"no connection to the broker: {self._inbound.reason}"
        return self._outbound.check() or self._presence.check()

    def pause(self) -> None:
        """Take no messages until `resume`, on new connections neither; what is in hand is finished."""
        self._thread.call(self._pause)

    def resume(self) -> None:
        self._thread.call(self._resume)

    def drain(self, timeout_s: float) -> bool:
        """Take nothing more, finish what is being handled, settle it, close. False if time ran out.

        What is left unacknowledged the broker delivers again.
        """
        deadline = time.monotonic() + timeout_s
        self._thread.call(self._begin_drain)
        finished = self._drained.wait(timeout_s)
        self._thread.call(self._close)
        self._thread.join(max(0.1, deadline - time.monotonic()))
        return finished

    def longest_s(self) -> float:
        """How long the handler has been at the message that takes it longest."""
        return self._pool.longest_s()

    # ---- the pool's threads ----

    def _work_on(self, job: _Job) -> None:
        if self._draining or job.session != self._session:
            return  # left unacknowledged, for another consumer; or void, and delivered again
        job.settlement = self._handle(job.message)
        job.publication = job.settlement.publication
        reached(CrashPoint.MESSAGE_HANDLED)

    # ---- the loop's thread: consuming ----

    def _begin(self) -> None:
        self._inbound.connect()
        self._outbound.link.connect()

    def _inbound_opened(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self._inbound_channel_opened)

    def _inbound_channel_opened(self, channel: Channel) -> None:
        channel.add_on_close_callback(lambda _, error: self._inbound.drop(f"channel closed: {error}"))
        channel.add_on_cancel_callback(lambda _: self._inbound.drop("the broker cancelled our consumer"))
        declare(
            channel,
            self._wanted,
            lambda: channel.basic_qos(prefetch_count=self._prefetch, callback=lambda _: self._prepared(channel)),
        )

    def _prepared(self, channel: Channel) -> None:
        if self._draining:
            self._inbound.close()
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
            self._inbound.settled()
            self._presence.watch(channel.connection)

    def _pause(self) -> None:
        self._paused = True
        self._cancel()

    def _resume(self) -> None:
        self._paused = False
        self._consume_again()

    def _consume_again(self) -> None:
        """Unless the last cancel is not answered yet: its answer leads here too."""
        channel = self._channel
        if channel and channel.is_open and not (self._consumer_tag or self._paused or self._draining):
            self._consume(channel)

    def _cancel(self) -> None:
        channel, tag = self._channel, self._consumer_tag
        self._consuming = False
        if channel is None or not channel.is_open or tag is None:
            return

        def cancelled(_frame: Method) -> None:
            if self._consumer_tag == tag:
                self._consumer_tag = None
                self._consume_again()

        channel.basic_cancel(tag, callback=cancelled)

    def _inbound_lost(self, reason: str) -> None:
        if self._channel is not None:
            self._metrics.connections_lost.labels("consume").inc()
        self._channel = None
        self._consumer_tag = None
        self._consuming = False
        self._presence.forget()
        self._session += 1
        if len(self._acks):
            log.warning("messages.abandoned", count=len(self._acks), reason=reason)
        self._acks = AckWindow()
        self._busy -= len(self._suspects)
        self._suspects = Suspects()
        self._metrics.in_flight.set(0)
        self._stop_if_closed()

    def _received(self, _channel: Channel, method: Basic.Deliver, props: pika.BasicProperties, body: bytes) -> None:
        message = codec.message(method, props, body)
        job = _Job(self._session, method.delivery_tag, message)
        self._acks.add(job.tag)
        reached(CrashPoint.MESSAGE_TAKEN)
        self._metrics.in_flight.set(len(self._acks))
        self._busy += 1
        job.publication = self._wait_longer(message, time.time())
        if job.publication is not None:
            self._publish(job)
            return
        job.taken_in = True
        if self._suspects.take_in(job, message.delivery_count):
            self._loop.call_later(SUSPECTS_PAUSE_S, self._handle_suspects)
        else:
            self._pool.put(job)

    def _handle_suspects(self) -> None:
        while not self._draining and (suspect := self._suspects.next()) is not None:
            self._pool.put(suspect)

    # ---- the loop's thread: settling ----

    def _collect(self, job: _Job) -> None:
        if job.publication is None:
            self._finished(job)
        else:
            self._publish(job)

    def _publish(self, job: _Job) -> None:
        if job.session != self._session:
            self._finished(job)  # its delivery is void, and comes again: publishing now would double it
        elif job.publication is not None:
            self._outbound.publish(job.publication, lambda error: self._answered(job, error))

    def _answered(self, job: _Job, error: PublishError | None) -> None:
        if error is None:
            reached(CrashPoint.FACT_CONFIRMED)
            self._settled(job)
            return
        log.warning("publish.failed", message_id=job.message.message_id, reason=str(error), again_in_s=REPUBLISH_S)
        self._loop.call_later(REPUBLISH_S, lambda: self._publish(job))

    def _settled(self, job: _Job) -> None:
        if job.session == self._session:
            self._acks.finish(job.tag)
            if not self._flushing:
                self._flushing = True
                self._loop.call_later(0, self._flush)  # after the whole batch of confirms was read
        if job.settlement is not None:
            self._log_settled(job, job.settlement)
        self._finished(job)

    def _flush(self) -> None:
        self._flushing = False
        if self._channel is None or not self._channel.is_open:
            return
        for ack in self._acks.take(time.monotonic()):
            self._channel.basic_ack(ack.tag, multiple=ack.multiple)
            reached(CrashPoint.MESSAGE_ACKED)
        self._metrics.in_flight.set(len(self._acks))
        if self._acks.waiting:
            self._flushing = True
            self._loop.call_later(HEAD_PATIENCE_S, self._flush)

    def _log_settled(self, job: _Job, settlement: Settlement) -> None:
        self._metrics.settled.labels(settlement.kind).inc()
        message = job.message
        log.info(
            "message.settled",
            outcome=settlement.kind,
            reason=settlement.reason,
            type=message.type,
            attempt=message.attempt,
            took_ms=round((time.monotonic() - job.received) * 1000),
            message_id=message.message_id,
            correlation_id=message.correlation_id,
        )

    # ---- the loop's thread: the end ----

    def _finished(self, job: _Job) -> None:
        self._busy -= 1
        if job.taken_in and job.session == self._session:
            self._suspects.finish(job.message.delivery_count)
            if len(self._suspects):
                self._loop.call_later(SUSPECTS_PAUSE_S, self._handle_suspects)
        self._end_drain_if_idle()

    def _begin_drain(self) -> None:
        self._draining = True
        self._cancel()
        self._end_drain_if_idle()

    def _end_drain_if_idle(self) -> None:
        if self._draining and self._busy == len(self._suspects):
            self._loop.call_later(2 * HEAD_PATIENCE_S, self._drained.set)  # lets the last acks out

    def _close(self) -> None:
        self._inbound.close()
        self._outbound.link.close()
        self._stop_if_closed()

    def _stop_if_closed(self) -> None:
        if self._draining and self._inbound.closed and self._outbound.link.closed:
            self._loop.stop()
