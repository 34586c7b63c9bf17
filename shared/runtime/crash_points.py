"""The points at which a kill must neither lose nor double anything. Each is named for what has just happened.

This is no test code: `reached` does nothing until a test installs a hook that ends the process. What was sent and
not answered may have arrived or not; the points before and after the sending cover both.
"""

from collections.abc import Callable
from enum import StrEnum


class CrashPoint(StrEnum):
    INGRESS_RECEIVED = "ingress.received"
    """The webhook is verified and only in memory."""
    INGRESS_PUBLISHED = "ingress.published"
    """The broker confirmed it; DocSpace has no answer yet."""

    SPOOL_WRITTEN = "spool.written"
    """The spool's transaction is not committed yet."""
    SPOOL_STORED = "spool.stored"
    """On disk; DocSpace has no answer yet."""
    SPOOL_DRAIN_CONFIRMED = "spool.drain_confirmed"
    """The broker has the event, and the spool still has it too."""
    SPOOL_DRAIN_REMOVED = "spool.drain_removed"

    MESSAGE_TAKEN = "message.taken"
    """Delivered, not handled."""
    MESSAGE_HANDLED = "message.handled"
    """Its work is done, and the next event is not published."""
    FACT_CONFIRMED = "fact.confirmed"
    """The next event is on the broker, and the message itself is not acknowledged."""
    MESSAGE_ACKED = "message.acked"

    MOVE_CLAIMED = "move.claimed"
    MOVE_NOTED = "move.noted"
    """The move is noted in the ledger and not sent."""
    MOVE_REFUSED = "move.refused"
    """The portal refused the move, and the ledger says that it was sent."""
    MOVE_SENT = "move.sent"
    """The portal answered with an operation, whose id is not noted yet."""
    MOVE_ID_NOTED = "move.id_noted"
    MOVE_FOLLOWED = "move.followed"
    """The operation ended; the portal tells so once."""
    MOVE_FILED = "move.filed"
    """The file was seen in the destination, and this is not recorded yet."""
    MOVE_ARRIVAL_RECORDED = "move.arrival_recorded"
    """The move gave the file a new id, and the ledger has whose file that is."""
    MOVE_RECORDED = "move.recorded"

    MAIL_CLAIMED = "mail.claimed"
    MAIL_REFUSED = "mail.refused"
    """The claim is not released yet."""
    MAIL_ACCEPTED = "mail.accepted"
    """The mail server accepted the mail, and the ledger does not have that yet. Only here a crash makes a second
    mail."""
    MAIL_RECORDED = "mail.recorded"

    OUTBOX_JOINED = "outbox.joined"
    """The invoice is in the window of a recipient who is told later; its message is not handled yet."""
    OUTBOX_OFFERED = "outbox.offered"
    """This process is to publish that a window is due, and has not."""
    OUTBOX_PUBLISHED = "outbox.published"
    """The broker has `digest.due`, and the outbox does not have that yet."""
    OUTBOX_CLOSED = "outbox.closed"
    """Nothing joins the window any more; its mail is not sent."""
    OUTBOX_SENT = "outbox.sent"
    """The window is recorded as sent; what follows is not published."""
    OUTBOX_READY = "outbox.ready"
    """This process is to publish that everybody was told of an invoice, and has not."""
    OUTBOX_ANNOUNCED = "outbox.announced"
    """The broker has `invoice.announced`, and the outbox does not have that yet."""

    HOOK_CLAIMED = "hook.claimed"
    """A delivery to an endpoint; nothing is sent."""
    HOOK_REFUSED = "hook.refused"
    """The claim is not released yet."""
    HOOK_ACCEPTED = "hook.accepted"
    """The endpoint answered 2xx, and the ledger does not have that yet. Only here a crash sends it again."""
    HOOK_RECORDED = "hook.recorded"

    DEATHS_READ = "deaths.read"
    """The history has dead letters in hand, and nobody is told of them."""
    DEATHS_TOLD = "deaths.told"
    """The broker has their `invoice.dead`, and the history has not recorded them yet: it tells them again, with the
    same ids."""

    PROBLEM_CLAIMED = "problem.claimed"
    """It is this process's turn to tell the operator, and nothing is sent."""
    PROBLEM_SENT = "problem.sent"
    """The channel accepted the message, and that is not recorded yet. Only here a crash makes a second message."""
    PROBLEM_RECORDED = "problem.recorded"

    ITEM_BEGUN = "item.begun"
    """Of an action that a person asked for: noted, and not done."""
    LETTER_SENT = "letter.sent"
    """A dead letter is where a person wants it, and still among the dead letters."""
    ITEM_DONE = "item.done"
    """And not noted."""
    ITEM_ENDED = "item.ended"
    ACTION_TOLD = "action.told"
    """The audit says that the action is done, and the action itself does not yet."""

    RESTORE_FILLED = "restore.filled"
    """The database has a backup's rows, and the broker none of its messages."""
    RESTORE_PUBLISHED = "restore.published"
    """The broker has one more of a backup's messages."""


hook: Callable[[CrashPoint], None] | None = None
"""Only a test's launcher sets it."""


def reached(point: CrashPoint) -> None:
    if hook is not None:
        hook(point)
