"""Remembers which messages became dead letters: a later message of the upload may go on with the work.

If a person sends the webhook again in the portal, its message is such a later one: it has an id of its own.
"""

from shared.errors import TransientError
from shared.runtime.settle import DIED, Settlement
from shared.store.keys import death_key
from shared.store.ledger import Done, Ledger
from shared.wire.message import Message

TOGETHER_S = 60.0
"""The portal sends both events of an upload within this time. A message that comes so soon after a death is taken
for the other event, as it would only become a second dead letter."""


def remember(ledger: Ledger, message: Message, settlement: Settlement) -> str | None:
    """If the message became a dead letter, note when. Returns why that could not be noted, else None. If it
    could not, only a replay of the dead letter goes on with the upload.

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
