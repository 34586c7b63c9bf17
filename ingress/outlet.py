"""Where a received event goes: to the broker, or into the spool while the broker does not confirm in time.

A thread brings what the spool holds to the broker, in order, as soon as it confirms again. An event may reach the
broker twice (no answer in time, or a crash between the confirm and the removal): it keeps its message id, and the
claims behind make it one move and one mail.
"""

import asyncio
import threading
import time

import structlog

from ingress.spool import Spool
from ingress.spool_file import SpoolError
from shared.amqp.confirms import NeverTakenError, PublishError
from shared.amqp.publisher import Publisher
from shared.runtime.crash_points import CrashPoint, reached
from shared.runtime.settle import EXCHANGE
from shared.threads import vital
from shared.threads.vital import Then
from shared.wire.message import Message, Publication

BATCH = 200
"""Spooled events in flight at once."""
POLL_S = 0.5
DRAIN_CONFIRM_S = 10.0
"""Nobody waits for an answer here: a slow broker is given time."""
DISTRUST_S = 5.0
"""After a confirm that did not come, events go straight to the spool for so long, instead of waiting each."""

LONGEST_POLL_S = 5.0
"""While the spool's disk fails: what was accepted is brought soon after it works again."""
UNCONFIRMED_S = 60.0
"""So long a broker that did not confirm is said not to take events, if none is tried again."""

log = structlog.get_logger()


class Outlet:
    """Which of the two takes an event, and from the one to the other. For many threads."""

    def __init__(self, publisher: Publisher, spool: Spool, confirm_timeout_s: float) -> None:
        self._publisher = publisher
        self._spool = spool
        self._confirm_timeout_s = confirm_timeout_s
        self._distrust_until = 0.0
        self._unconfirmed: tuple[float, str] | None = None
        """When the broker did not confirm last, and why; None since it has."""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._published: list[Message] = []
        """The broker has them, and the spool still: it failed when they were to be removed."""

    def start(self) -> None:
        self._thread = vital.start("spool-drain", self._drain_for_ever, then=Then.RESTART)

    def stop(self, timeout_s: float) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def publish(self, message: Message) -> None:
        """Return once the message is safe, on the broker or on disk; SpoolError if neither takes it."""
        reason = self._distrust()
        if reason is None:
            try:
                self._publisher.publish(_publication(message), self._confirm_timeout_s)
                return self._confirmed()
            except PublishError as error:
                reason = self._not_confirmed(error)
        return self._keep(message, reason)

    async def publish_async(self, message: Message) -> None:
        """As `publish`, without holding up the event loop."""
        reason = self._distrust()
        if reason is None:
            try:
                await self._publisher.publish_async(_publication(message), self._confirm_timeout_s)
                return self._confirmed()
            except PublishError as error:
                reason = self._not_confirmed(error)
        return await asyncio.to_thread(self._keep, message, reason)

    def _distrust(self) -> str | None:
        """Why the broker is not even asked now, if so."""
        return "the broker did not confirm lately" if time.monotonic() < self._distrust_until else None

    def _confirmed(self) -> None:
        reached(CrashPoint.INGRESS_PUBLISHED)
        self._unconfirmed = None

    def _not_confirmed(self, error: PublishError) -> str:
        if isinstance(error, NeverTakenError):  # of this event: it tells nothing of the next
            return str(error)
        self._unconfirmed = (time.monotonic(), str(error))
        if self._publisher.check() is None:  # connected, yet no confirm: the next would wait in vain too
            self._distrust_until = time.monotonic() + DISTRUST_S
        return str(error)

    def _keep(self, message: Message, reason: str) -> None:
        self._spool.store(message)
        reached(CrashPoint.SPOOL_STORED)
        log.warning("webhook.spooled", reason=reason, correlation_id=message.correlation_id)

    def check(self) -> str | None:
        """Why an event could not be taken now, else None: one of the two is enough."""
        broker = self._publisher.check() or self._does_not_confirm()
        spool = self._spool.check()
        return f"{broker}; {spool}" if broker and spool else None

    def _does_not_confirm(self) -> str | None:
        """Connected, and of no use: forgotten after a while, since without events nothing would disprove it."""
        if self._unconfirmed is None:
            return None
        at, reason = self._unconfirmed
        return reason if time.monotonic() - at < UNCONFIRMED_S else None

    def _drain_for_ever(self) -> None:
        pause_s = POLL_S
        while not self._stop.wait(pause_s):
            try:
                while len(self._spool) and self._publisher.check() is None and not self._stop.is_set():
                    if not self._drain_some():
                        break
                pause_s = POLL_S
            except SpoolError as error:
                pause_s = min(2 * pause_s, LONGEST_POLL_S)
                log.warning("spool.not_drained", reason=str(error), again_in_s=pause_s)

    def _drain_some(self) -> bool:
        """Bring one batch to the broker; False if it did not answer for all of it. SpoolError: the disk fails."""
        self._remove(self._published)  # before anything is published a second time
        messages = self._spool.oldest(BATCH)
        errors = self._publisher.publish_all([_publication(message) for message in messages], DRAIN_CONFIRM_S)
        answers = list(zip(messages, errors, strict=True))
        confirmed = [message for message, error in answers if error is None]
        reached(CrashPoint.SPOOL_DRAIN_CONFIRMED)
        if confirmed:
            self._distrust_until = 0.0
            self._unconfirmed = None
        self._remove(confirmed)
        reached(CrashPoint.SPOOL_DRAIN_REMOVED)
        if confirmed:
            log.info("spool.drained", events=len(confirmed), left=len(self._spool))
        never = [(message, error) for message, error in answers if isinstance(error, NeverTakenError)]
        for message, error in never:
            self._spool.set_aside(message, f"the broker does not take it: {error}")
        return len(confirmed) + len(never) == len(messages)

    def _remove(self, messages: list[Message]) -> None:
        self._published = messages
        if messages:
            self._spool.remove(messages)
        self._published = []


def _publication(message: Message) -> Publication:
    return Publication(exchange=EXCHANGE, routing_key=message.type, message=message, mandatory=True)
