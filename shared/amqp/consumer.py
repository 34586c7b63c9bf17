"""Takes a stage's messages, has a pool of threads handle them, and settles them: publish, confirm, then ack.

One thread owns two connections: one to consume, one to publish. A broker that is short of memory stops reading from
publishers, and must still get our acks. Publishing and acknowledging are pipelined. Any fault of a connection or a
channel ends in a new one, and the broker delivers again what was not acknowledged.
"""

import threading
import time
from collections.abc import Callable, Sequence

import structlog

from shared.amqp.acks import HEAD_PATIENCE_S
from shared.amqp.answers import Answers
from shared.amqp.client.loop import LoopThread
from shared.amqp.confirms import NeverTakenError, PublishError
from shared.amqp.inbound import Inbound
from shared.amqp.job import Bury, Handle, InHandling, Job, WaitLonger
from shared.amqp.outbound import Outbound
from shared.amqp.pool import Pool
from shared.amqp.progress import Progress
from shared.amqp.suspects import Suspects
from shared.amqp.topology import Topology
from shared.amqp.unpublished import Unpublished
from shared.runtime.crash_points import CrashPoint, reached
from shared.runtime.metrics import Metrics
from shared.runtime.telling import Telling
from shared.wire.message import Message

REPUBLISH_S = 1.0
"""The pause between tries to publish what the broker did not confirm. The message stays unacknowledged
meanwhile."""

SUSPECTS_PAUSE_S = 0.1
"""The pause before handling a message that may kill this process: other suspects can arrive and acks can leave."""

log = structlog.get_logger()

TURN_S = 5.0
"""The time between two signs of life of the loop."""


class Consumer:
    def __init__(
        self,
        *,
        urls: Sequence[str],
        wanted: Topology,
        queue: str,
        name: str,
        handle: Handle,
        bury: Bury,
        wait_longer: WaitLonger,
        concurrency: int,
        prefetch: int,
        metrics: Metrics,
        on_served: Callable[[int], None] = lambda _: None,
        progress: Progress | None = None,
    ) -> None:
        """`on_served` is called every few seconds, on the loop's thread, with the number of consumers of the
        queue.

        `progress` may be shared: others may report progress for this stage too.
        """
        self._handle = handle
        self._bury = bury
        self._wait_longer = wait_longer
        self._telling = Telling(metrics)
        self._thread = LoopThread("amqp", self._begin)
        self._loop = self._thread.loop
        self._inbound = Inbound(
            self._loop,
            urls,
            f"{name} consume",
            wanted=wanted,
            queue=queue,
            prefetch=prefetch,
            metrics=metrics,
            on_message=self._take,
            on_lost=self._abandon,
            on_served=on_served,
            in_hand=lambda: len(self._answers),
        )
        self._outbound = Outbound(
            self._loop,
            urls,
            f"{name} publish",
            wanted=wanted,
            writes=[exchange for exchange, _ in wanted.exchanges],
            metrics=metrics,
            on_closed=self._stop_if_closed,
        )
        self._session = 0
        self._answers = Answers(self._loop, lambda: self._inbound.channel)
        self._unpublished = Unpublished()
        self._progress = progress or Progress()
        self._suspects: Suspects[Job] = Suspects()
        self._busy = 0
        self._draining = False
        self._drained = threading.Event()
        self._pool = Pool(concurrency, self._thread, work=self._work_on, collect=self._collect)
        metrics.in_flight.set_function(self.in_hand)

    # ---- any thread ----

    def start(self) -> None:
        self._thread.start()

    def check(self) -> str | None:
        """Why messages cannot be taken and settled now, None if they can. They can if both connections are there
        and the broker answers for the queue.
        """
        return (
            self._inbound.check()
            or self._outbound.check()
            or self._inbound.check_served()
            or self._unpublished.check()
            or self._progress.check(len(self._answers))
        )

    def pause(self) -> None:
        """Take no messages until `resume`, not on new connections either. Messages in hand are finished."""
        self._thread.call(self._inbound.pause)

    def resume(self) -> None:
        self._thread.call(self._inbound.resume)

    def drain(self, timeout_s: float) -> bool:
        """Take no more messages, finish and settle those in hand, and close. False if the time ran out.

        The broker delivers again whatever is left unacknowledged.
        """
        deadline = time.monotonic() + timeout_s
        self._thread.call(self._begin_drain)
        finished = self._drained.wait(timeout_s)
        self._thread.call(self._close)
        self._thread.join(max(0.1, deadline - time.monotonic()))
        return finished

    def in_hand(self) -> int:
        """How many messages are taken and not yet acknowledged."""
        return len(self._answers)

    def longest(self) -> InHandling | None:
        """The message that has been in the handler for longest, None if there is none."""
        longest = self._pool.longest()
        if longest is None:
            return None
        return InHandling(longest.seconds, longest.job.message.message_id, longest.thread)

    # ---- the pool's threads ----

    def _work_on(self, job: Job) -> None:
        if self._draining or job.session != self._session:
            return  # not acknowledged, so the broker delivers it again
        try:
            job.settlement = self._handle(job.message)
        except Exception:
            log.exception("message.unsettled", message_id=job.message.message_id)
            job.unsettled = True
            return
        job.publication = job.settlement.publication
        reached(CrashPoint.MESSAGE_HANDLED)

    # ---- the loop's thread: taking ----

    def _begin(self) -> None:
        self._turn()
        self._inbound.link.connect()
        self._outbound.link.connect()

    def _turn(self) -> None:
        self._progress.turned()
        self._loop.call_later(TURN_S, self._turn)

    def _abandon(self, reason: str) -> None:
        """The messages in hand can no longer be acknowledged; the broker delivers them again."""
        self._session += 1
        abandoned = self._answers.void()
        self._progress.lost(abandoned)
        if abandoned:
            log.warning("messages.abandoned", count=abandoned, reason=reason)
        self._unpublished.clear()
        self._busy -= len(self._suspects)
        self._suspects = Suspects()
        self._stop_if_closed()

    def _take(self, tag: int, message: Message) -> None:
        job = Job(self._session, tag, message)
        if not len(self._answers):
            self._progress.began()
        self._answers.owe(job.tag)
        reached(CrashPoint.MESSAGE_TAKEN)
        self._busy += 1
        try:
            job.publication = self._wait_longer(message, time.time())
        except Exception:
            log.exception("message.unsettled", message_id=message.message_id)
            self._reject(job)
            return
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

    def _collect(self, job: Job) -> None:
        if job.unsettled:
            self._reject(job)
        elif job.publication is None:
            self._finished(job)
        else:
            self._publish(job)

    def _publish(self, job: Job) -> None:
        if job.session != self._session:
            self._finished(job)  # the broker delivers it again: publishing now would publish it twice
        elif job.publication is not None:
            self._outbound.publish(job.publication, lambda error: self._answered(job, error))

    def _answered(self, job: Job, error: PublishError | None) -> None:
        if error is None:
            reached(CrashPoint.FACT_CONFIRMED)
            self._settled(job)
            return
        if isinstance(error, NeverTakenError):
            self._never_taken(job, str(error))
            return
        if job.session == self._session:
            self._unpublished.failed(job.tag, str(error))
        log.warning("publish.failed", message_id=job.message.message_id, reason=str(error), again_in_s=REPUBLISH_S)
        self._loop.call_later(REPUBLISH_S, lambda: self._publish(job))

    def _never_taken(self, job: Job, reason: str) -> None:
        """Publish a dead letter with a short reason. If the broker refuses that too, reject the message, so that
        the broker makes a dead letter of it.
        """
        log.error("publish.refused", message_id=job.message.message_id, reason=reason, dead_letter=job.buried)
        if not job.buried:
            job.buried = True
            job.settlement = self._bury(
                job.message, f"the broker does not take what the worker published for it: {reason}"
            )
            job.publication = job.settlement.publication
            self._publish(job)
            return
        self._reject(job)

    def _reject(self, job: Job) -> None:
        """Reject the message, so that the broker makes a dead letter of it."""
        if job.session == self._session and self._answers.reject(job.tag):
            self._unpublished.over(job.tag)
            self._progress.made()
            self._tell(job)
        self._finished(job)

    def _settled(self, job: Job) -> None:
        if job.session == self._session:
            self._answers.ack(job.tag)
            self._unpublished.over(job.tag)
            self._progress.made()
        self._tell(job)
        self._finished(job)

    def _tell(self, job: Job) -> None:
        if job.settlement is not None:
            self._telling.settled(job.message, job.settlement, time.monotonic() - job.received)

    # ---- the loop's thread: the end ----

    def _finished(self, job: Job) -> None:
        self._busy -= 1
        if job.taken_in and job.session == self._session:
            self._suspects.finish(job.message.delivery_count)
            if len(self._suspects):
                self._loop.call_later(SUSPECTS_PAUSE_S, self._handle_suspects)
        self._end_drain_if_idle()

    def _begin_drain(self) -> None:
        self._draining = True
        self._inbound.end()
        self._end_drain_if_idle()

    def _end_drain_if_idle(self) -> None:
        if self._draining and self._busy == len(self._suspects):
            self._loop.call_later(2 * HEAD_PATIENCE_S, self._drained.set)  # lets the last acks out

    def _close(self) -> None:
        self._inbound.link.close()
        self._outbound.link.close()
        self._stop_if_closed()

    def _stop_if_closed(self) -> None:
        if self._draining and self._inbound.link.closed and self._outbound.link.closed:
            self._loop.stop()
