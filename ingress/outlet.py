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
from shared.amqp.confirms import PublishError
from shared.amqp.publisher import Publisher
from shared.crash_points import CrashPoint, reached
from shared.message import Message, Publication
from shared.settle import EXCHANGE

BATCH = 200
"""Spooled events in flight at once."""
POLL_S = 0.5
DRAIN_CONFIRM_S = 10.0
"""Nobody waits for an answer here: a slow broker is given time."""
DISTRUST_S = 5.0
"""After a confirm that did not come, events go straight to the spool for so long, instead of waiting each."""

log = structlog.get_logger()


class Outlet:
    def __init__(self, publisher: Publisher, spool: Spool, confirm_timeout_s: float) -> None:
        self._publisher = publisher
        self._spool = spool
        self._confirm_timeout_s = confirm_timeout_s
        self._distrust_until = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._drain_for_ever, name="spool-drain", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        self._stop.set()
        self._thread.join(timeout_s)

    def publish(self, message: Message) -> None:
        """Return once the message is safe, on the broker or on disk; SpoolError if neither takes it."""
        reason = self._distrust()
        if reason is None:
            try:
                self._publisher.publish(_publication(message), self._confirm_timeout_s)
                return reached(CrashPoint.INGRESS_PUBLISHED)
            except PublishError as error:
                reason = self._not_confirmed(error)
        return self._keep(message, reason)

    async def publish_async(self, message: Message) -> None:
        """As `publish`, without holding up the event loop."""
        reason = self._distrust()
        if reason is None:
            try:
                await self._publisher.publish_async(_publication(message), self._confirm_timeout_s)
                return reached(CrashPoint.INGRESS_PUBLISHED)
            except PublishError as error:
                reason = self._not_confirmed(error)
        return await asyncio.to_thread(self._keep, message, reason)

    def _distrust(self) -> str | None:
        """Why the broker is not even asked now, if so."""
        return "the broker did not confirm lately" if time.monotonic() < self._distrust_until else None

    def _not_confirmed(self, error: PublishError) -> str:
        if self._publisher.check() is None:  # connected, yet no confirm: the next would wait in vain too
            self._distrust_until = time.monotonic() + DISTRUST_S
        return str(error)

    def _keep(self, message: Message, reason: str) -> None:
        self._spool.store(message)
        reached(CrashPoint.SPOOL_STORED)
        log.warning("webhook.spooled", reason=reason, correlation_id=message.correlation_id)

    def check(self) -> str | None:
        """Why an event could not be taken now, else None: one of the two is enough."""
        broker = self._publisher.check()
        spool = self._spool.check()
        return f"{broker}; {spool}" if broker and spool else None

    def _drain_for_ever(self) -> None:
        while not self._stop.wait(POLL_S):
            while len(self._spool) and self._publisher.check() is None and not self._stop.is_set():
                if not self._drain_some():
                    break

    def _drain_some(self) -> bool:
        """Bring one batch to the broker; False if it did not confirm all of it."""
        messages = self._spool.oldest(BATCH)
        errors = self._publisher.publish_all([_publication(message) for message in messages], DRAIN_CONFIRM_S)
        confirmed = [message for message, error in zip(messages, errors, strict=True) if error is None]
        reached(CrashPoint.SPOOL_DRAIN_CONFIRMED)
        self._spool.remove(confirmed)
        reached(CrashPoint.SPOOL_DRAIN_REMOVED)
        if confirmed:
            self._distrust_until = 0.0
            log.info("spool.drained", events=len(confirmed), left=len(self._spool))
        return len(confirmed) == len(messages)


def _publication(message: Message) -> Publication:
    return Publication(exchange=EXCHANGE, routing_key=message.type, message=message, mandatory=True)
