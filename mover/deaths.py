"""Which messages ended as dead letters: another message of such an upload that comes later may go on with it.

A retry by hand in the portal is one. It has another id than the message that died, and nothing else tells it apart.
"""

from shared.errors import TransientError
from shared.runtime.settle import DIED, Settlement
from shared.store.keys import death_key
from shared.store.ledger import Done, Ledger
from shared.wire.message import Message

TOGETHER_S = 60.0
"""The two events of one upload come within it: a second one so soon is no retry by hand, and would only be a second
dead letter."""


def remember(ledger: Ledger, message: Message, settlement: Settlement) -> str | None:
    """Keep when it died, if it did. Returns why that could not be kept: then its upload waits for a replay alone.

    Repeating is safe.
    """
    if settlement.kind != DIED:
        return None
    try:
        ledger.replace(death_key(message.message_id), str(settlement.publication.headers["died_at"]))
    except TransientError as error:
        return str(error)
    return None


def may_follow(ledger: Ledger, message: Message, holder: str) -> bool:
    """Whether the message may go on with the work of `holder`, which is the id of another message."""
    told = ledger.peek(death_key(holder))
    return isinstance(told, Done) and message.timestamp > float(told.result) + TOGETHER_S
