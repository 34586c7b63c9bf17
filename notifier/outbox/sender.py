"""Publishes which windows are due, and of which invoices everybody was told. Any number of processes may do it."""

import time
from collections.abc import Callable, Sequence

import structlog

from shared.amqp.confirms import PublishError
from shared.errors import TransientError
from shared.runtime.crash_points import CrashPoint, reached
from shared.runtime.settle import EXCHANGE, Settler
from shared.store.outbox.sending import Announced, Backlog, Sending
from shared.wire.events import DigestDue, InvoiceAnnounced, decode, encode
from shared.wire.message import Message, Publication, derived_id, traceparent_for
from shared.wire.outcome import Forward

LOOK_S = 2.0
"""The longest pause: what joined a window in another process may be due before all that this one knew."""
SHORTEST_LOOK_S = 0.2
"""While another process publishes what is due."""
BROKEN_S = 5.0
"""The pause where the database or the broker cannot be reached."""

COUNT_S = 15.0
"""Between two counts of what waits, which read all of it."""

Publish = Callable[[Sequence[Publication]], Sequence[PublishError | None]]
"""None for each that the broker confirmed."""

log = structlog.get_logger()


class Sender:
    def __init__(self, sending: Sending, settler: Settler, publish: Publish) -> None:
        """`settler`: the notifier's, as what it publishes is what a handler's outcome would become."""
        self._sending = sending
        self._settler = settler
        self._publish = publish
        self._counted_at = float("-inf")
        self.backlog = Backlog(0, 0.0)
        """As it was at most about COUNT_S ago."""

    def run(self, wait: Callable[[float], bool]) -> None:
        """Until `wait` says that the process is to stop."""
        failed = False
        pause_s = 0.0
        while not wait(pause_s):
            try:
                self.turn()
                self._count()
                due_in_s = self._sending.next_in_s()
                pause_s = LOOK_S if due_in_s is None else min(LOOK_S, max(SHORTEST_LOOK_S, due_in_s))
            except (TransientError, PublishError) as error:
                if not failed:
                    log.warning("outbox.not_sent", reason=str(error), again_in_s=BROKEN_S)
                failed, pause_s = True, BROKEN_S
            else:
                failed = False

    def turn(self) -> None:
        """All that is due now. Repeating is safe: what was published and not noted comes again with the same id."""
        while windows := self._sending.due():
            reached(CrashPoint.OUTBOX_OFFERED)
            self._all(
                [(window, _due(window)) for window in windows], self._sending.published, CrashPoint.OUTBOX_PUBLISHED
            )
        while told := self._sending.ready():
            reached(CrashPoint.OUTBOX_READY)
            self._all(
                [(each.key, self._announced(each)) for each in told],
                self._sending.announced,
                CrashPoint.OUTBOX_ANNOUNCED,
            )

    def _count(self) -> None:
        if time.monotonic() - self._counted_at >= COUNT_S:
            self.backlog = self._sending.backlog()
            self._counted_at = time.monotonic()

    def _all(
        self, items: Sequence[tuple[str, Publication]], note: Callable[[Sequence[str]], None], point: CrashPoint
    ) -> None:
        """Publish and note them; PublishError if one was not confirmed, once the others are noted."""
        answers = self._publish([publication for _, publication in items])
        reached(point)
        note([key for (key, _), error in zip(items, answers, strict=True) if error is None])
        if error := next((error for error in answers if error is not None), None):
            raise error

    def _announced(self, told: Announced) -> Publication:
        event = decode(told.event, InvoiceAnnounced)
        return self._settler.settle(told.message, Forward(event), time.time()).publication


def _due(window: str) -> Publication:
    message = Message(
        body=encode(DigestDue(window=window)),
        type=DigestDue.routing_key,
        message_id=derived_id(DigestDue.routing_key, window),
        correlation_id=window,
        timestamp=int(time.time()),
        app_id="notifier",
        traceparent=traceparent_for(window),
    )
    return Publication(
        exchange=EXCHANGE, routing_key=DigestDue.routing_key, message=message, mandatory=DigestDue.mandatory
    )
