"""Where a kill must neither lose nor double anything: each point is named for what has just happened. No test code.

`reached` does nothing until a test puts a hook here that ends the process. What was sent and not answered has
arrived or not: the points before and after the sending stand for both.
"""

from collections.abc import Callable
from enum import StrEnum


class CrashPoint(StrEnum):
    INGRESS_RECEIVED = "ingress.received"
    """Verified, and nowhere but in memory."""
    INGRESS_PUBLISHED = "ingress.published"
    """The broker confirmed it; DocSpace has no answer yet."""

    SPOOL_WRITTEN = "spool.written"
    """Before the commit."""
    SPOOL_STORED = "spool.stored"
    """On disk; DocSpace has no answer yet."""
    SPOOL_DRAIN_CONFIRMED = "spool.drain_confirmed"
    """On the broker, and still in the spool."""
    SPOOL_DRAIN_REMOVED = "spool.drain_removed"

    MESSAGE_TAKEN = "message.taken"
    """Delivered, not handled."""
    MESSAGE_HANDLED = "message.handled"
    """Its work is done, and what follows from it not published."""
    FACT_CONFIRMED = "fact.confirmed"
    """What follows is on the broker; the message itself is not acknowledged."""
    MESSAGE_ACKED = "message.acked"

    MOVE_CLAIMED = "move.claimed"
    MOVE_NOTED = "move.noted"
    """In the ledger, and not sent."""
    MOVE_REFUSED = "move.refused"
    """The portal will not do it, and the note says that it was sent."""
    MOVE_SENT = "move.sent"
    """The portal answered with an operation, which is not noted."""
    MOVE_ID_NOTED = "move.id_noted"
    MOVE_FOLLOWED = "move.followed"
    """The operation ended; the portal tells so once."""
    MOVE_FILED = "move.filed"
    """Seen in the destination, not recorded."""
    MOVE_ARRIVAL_RECORDED = "move.arrival_recorded"
    """Of a move that gave the file a new id: whose that is."""
    MOVE_RECORDED = "move.recorded"

    MAIL_CLAIMED = "mail.claimed"
    MAIL_REFUSED = "mail.refused"
    """The claim is not given back."""
    MAIL_ACCEPTED = "mail.accepted"
    """The mail server has it, the ledger does not know: the one window in which a mail is sent twice."""
    MAIL_RECORDED = "mail.recorded"

    ITEM_BEGUN = "item.begun"
    """Of an action that a person asked for: noted, and not done."""
    LETTER_SENT = "letter.sent"
    """A dead letter is where a person wants it, and still among the dead letters."""
    ITEM_DONE = "item.done"
    """And not noted."""
    ITEM_ENDED = "item.ended"


hook: Callable[[CrashPoint], None] | None = None
"""Set by a test's launcher alone."""


def reached(point: CrashPoint) -> None:
    if hook is not None:
        hook(point)
