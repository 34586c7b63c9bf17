"""Tells everybody who listens of each message that became a dead letter, as `invoice.dead`.

The history sees them all, also what the broker buried by itself and no worker could tell of.
"""

from collections.abc import Sequence

from shared.amqp.line import Line
from shared.errors import TransientError
from shared.runtime.crash_points import CrashPoint, reached
from shared.runtime.settle import EXCHANGE
from shared.store.history.step import Outcome, Step
from shared.text.codes import Code
from shared.wire.events import EntryId, InvoiceDead, encode
from shared.wire.message import Message, Publication, derived_id, traceparent_for

APP = "history"


def tell_dead(steps: Sequence[Step], line: Line) -> None:
    """Publish those of the steps that are dead letters. Repeating is safe: each keeps its id. TransientError."""
    publications = [_publication(step) for step in steps if step.outcome is Outcome.DEAD]
    if not publications:
        return
    reached(CrashPoint.DEATHS_READ)
    faults = [fault for fault in line.publish(publications) if fault is not None]
    if faults:
        raise TransientError(f"not told of a dead letter: {faults[0]}", code=Code.UNEXPECTED)
    reached(CrashPoint.DEATHS_TOLD)


def _publication(step: Step) -> Publication:
    key = InvoiceDead.routing_key
    message = Message(
        body=encode(_event(step)),
        type=key,
        message_id=derived_id(step.key, key),
        correlation_id=step.correlation_id,
        timestamp=int(step.at),
        app_id=APP,
        traceparent=traceparent_for(step.correlation_id),
    )
    return Publication(exchange=EXCHANGE, routing_key=key, message=message, mandatory=InvoiceDead.mandatory)


def _event(step: Step) -> InvoiceDead:
    return InvoiceDead(
        stage=step.stage,
        reason=step.reason or "",
        code=step.code or "",
        dead=step.type,
        attempts=step.attempt,
        file_id=_as_told(step.file_id),
        title=step.title,
        rule=step.rule,
        room_id=_as_told(step.room),
        room_title=step.room_title,
        uploaded_by=step.uploaded_by,
        uploaded_at=step.uploaded_at,
    )


def _as_told(id_: str | None) -> EntryId | None:
    """The portal's own ids are numbers; the history keeps all as texts."""
    return int(id_) if id_ is not None and id_.isascii() and id_.isdecimal() else id_
