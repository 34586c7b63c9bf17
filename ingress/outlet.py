"""Publishes a received event, or stores it in the spool if the broker does not confirm it in time.

As soon as the broker confirms again, a thread publishes what is in the spool, in order, and then what ingresses
left that are gone. An event may reach the broker twice (no confirm in time, or a crash between the confirm and the
removal). It keeps its message id, so the claims of mover and notifier make one move and one mail of it.
"""

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Protocol

import structlog

from ingress.spool import Spool
from ingress.spool_database import SpoolError
from ingress.spool_files import LeftBehind
from shared.amqp.confirms import NeverTakenError, PublishError
from shared.amqp.publisher import Publisher
from shared.runtime.crash_points import CrashPoint, reached
from shared.runtime.settle import EXCHANGE
from shared.threads import vital
from shared.threads.vital import Then
from shared.wire.message import Message, Publication

BATCH = 200
"""How many events of the spool are published at once."""
POLL_S = 0.5
"""The pause between two looks at the broker while events wait in the spool."""
IDLE_S = 5.0
"""The longest pause while the spool is empty. An event that is stored ends it."""
DRAIN_CONFIRM_S = 10.0
"""No webhook waits for these confirms, so a slow broker is given time."""
DISTRUST_S = 5.0
"""If a confirm did not come, the next events go straight to the spool for this long. Else each of them would
wait for its own confirm in vain."""

TAKE_EVERY_S = 10.0
"""How often the drain looks for the spool of an ingress that is gone."""
LONGEST_POLL_S = 5.0
"""The longest pause between tries while the spool's disk fails: events are published soon after it works again."""
UNCONFIRMED_S = 60.0
"""If no further event is tried, the broker counts as not confirming for this long."""

log = structlog.get_logger()


class Stored(Protocol):
    """What is drained."""

    def __len__(self) -> int: ...
    def oldest(self, limit: int) -> list[Message]: ...
    def remove(self, messages: Sequence[Message]) -> None: ...
    def set_aside(self, message: Message, reason: str) -> None: ...


class Outlet:
    """Decides whether the broker or the spool takes an event, and moves events from the spool to the broker.
    Thread-safe.
    """

    def __init__(
        self, publisher: Publisher, spool: Spool, left_behind: LeftBehind, confirm_timeout_s: float
    ) -> None:
        self._publisher = publisher
        self._spool = spool
        self._left_behind = left_behind
        self._take_at = 0.0
        self._confirm_timeout_s = confirm_timeout_s
        self._distrust_until = 0.0
        self._unconfirmed: tuple[float, str] | None = None
        """When the broker last failed to confirm an event, and why. None after it has confirmed one."""
        self._stop = threading.Event()
        self._stored = threading.Event()
        """Something may be in the spool; or the drain is to stop."""
        self._thread: threading.Thread | None = None
        self._published: dict[Stored, list[Message]] = {}
        """The broker has confirmed these, but they could not be removed from where they are stored."""

    def start(self) -> None:
        self._thread = vital.start("spool-drain", self._drain_for_ever, then=Then.RESTART)

    def stop(self, timeout_s: float) -> None:
        self._stop.set()
        self._stored.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def publish(self, message: Message) -> None:
        """Return once the message is safe, on the broker or on disk. SpoolError if neither takes it."""
        reason = self._distrust()
        if reason is None:
            try:
                self._publisher.publish(_publication(message), self._confirm_timeout_s)
                return self._confirmed()
            except PublishError as error:
                reason = self._not_confirmed(error)
        return self._keep(message, reason)

    async def publish_async(self, message: Message) -> None:
        """The same as `publish`, without blocking the event loop."""
        reason = self._distrust()
        if reason is None:
            try:
                await self._publisher.publish_async(_publication(message), self._confirm_timeout_s)
                return self._confirmed()
            except PublishError as error:
                reason = self._not_confirmed(error)
        return await asyncio.to_thread(self._keep, message, reason)

    def _distrust(self) -> str | None:
        """Why the event is not published to the broker at all now; None if it is."""
        return "the broker did not confirm an event just now" if time.monotonic() < self._distrust_until else None

    def _confirmed(self) -> None:
        reached(CrashPoint.INGRESS_PUBLISHED)
        self._unconfirmed = None

    def _not_confirmed(self, error: PublishError) -> str:
        if isinstance(error, NeverTakenError):  # it refused this event alone, and may take the next
            return str(error)
        self._unconfirmed = (time.monotonic(), str(error))
        if self._publisher.check() is None:  # connected, but no confirm came: the next event would wait in vain too
            self._distrust_until = time.monotonic() + DISTRUST_S
        return str(error)

    def _keep(self, message: Message, reason: str) -> None:
        try:
            self._spool.store(message)
        finally:
            self._stored.set()
        reached(CrashPoint.SPOOL_STORED)
        log.warning("webhook.spooled", reason=reason, correlation_id=message.correlation_id)

    def check(self) -> str | None:
        """Why no event can be taken now. None if the broker or the spool takes one."""
        broker = self._publisher.check() or self._does_not_confirm()
        spool = self._spool.check()
        return f"{broker}; {spool}" if broker and spool else None

    def _does_not_confirm(self) -> str | None:
        """Why a connected broker counts as down: it did not confirm an event.

        This is forgotten after UNCONFIRMED_S, because without further events nothing would show that the broker
        works again.
        """
        if self._unconfirmed is None:
            return None
        at, reason = self._unconfirmed
        return reason if time.monotonic() - at < UNCONFIRMED_S else None

    def _drain_for_ever(self) -> None:
        pause_s = POLL_S
        self._take()
        while not self._stopped_within(pause_s):
            self._take()
            stores: tuple[Stored, ...] = (self._spool, *self._left_behind.files)
            failures = [self._drain(stored) for stored in stores]
            self._left_behind.let_go()
            pause_s = min(2 * pause_s, LONGEST_POLL_S) if any(failures) else POLL_S
        self._left_behind.close()

    def _take(self) -> None:
        if time.monotonic() >= self._take_at:
            self._left_behind.take()
            self._take_at = time.monotonic() + TAKE_EVERY_S

    def _stopped_within(self, pause_s: float) -> bool:
        if not len(self._spool) and not len(self._left_behind):
            self._stored.wait(IDLE_S)
        self._stored.clear()
        return self._stop.wait(pause_s)

    def _drain(self, stored: Stored) -> bool:
        """Until it is empty or the broker takes no more. True if the disk failed."""
        try:
            while len(stored) and self._publisher.check() is None and not self._stop.is_set():
                if not self._drain_some(stored):
                    break
        except SpoolError as error:
            log.warning("spool.not_drained", reason=str(error))
            return True
        return False

    def _drain_some(self, stored: Stored) -> bool:
        """Publish one batch of stored events. False if the broker did not answer for all of them. SpoolError if
        the disk fails.
        """
        self._remove(stored, self._published.get(stored, []))  # before anything is published a second time
        messages = stored.oldest(BATCH)
        errors = self._publisher.publish_all([_publication(message) for message in messages], DRAIN_CONFIRM_S)
        answers = list(zip(messages, errors, strict=True))
        confirmed = [message for message, error in answers if error is None]
        reached(CrashPoint.SPOOL_DRAIN_CONFIRMED)
        if confirmed:
            self._distrust_until = 0.0
            self._unconfirmed = None
        self._remove(stored, confirmed)
        reached(CrashPoint.SPOOL_DRAIN_REMOVED)
        if confirmed:
            log.info("spool.drained", events=len(confirmed), left=len(stored))
        never = [(message, error) for message, error in answers if isinstance(error, NeverTakenError)]
        for message, error in never:
            stored.set_aside(message, f"the broker does not take it: {error}")
        return len(confirmed) + len(never) == len(messages)

    def _remove(self, stored: Stored, messages: list[Message]) -> None:
        self._published[stored] = messages
        if messages:
            stored.remove(messages)
        del self._published[stored]


def _publication(message: Message) -> Publication:
    return Publication(exchange=EXCHANGE, routing_key=message.type, message=message, mandatory=True)
