"""Which of our secrets the rows of the portal's log were signed with. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

from shared.docspace.signature import signer
from shared.docspace.webhook_log import LogEntry

LONGEST_DELIVERY = timedelta(minutes=5)
"""Six attempts with 31 s between them, each answered in good time."""


class Signed(Enum):
    NEW = auto()
    """With the last of the secrets."""
    OLD = auto()
    """With an earlier one, or with one that is none of ours."""
    UNTOLD = auto()
    """The portal shows no signature."""


def signed(row: LogEntry, secrets: Sequence[bytes]) -> Signed:
    """Of a row whose delivery has ended."""
    if row.signature is None:
        return Signed.UNTOLD
    return Signed.NEW if signer(row.body, row.signature, secrets) == len(secrets) - 1 else Signed.OLD


def ended(rows: Iterable[LogEntry]) -> list[LogEntry]:
    return [row for row in rows if not row.waiting]


def waiting(rows: Iterable[LogEntry], now: datetime, longest: timedelta = LONGEST_DELIVERY) -> list[LogEntry]:
    """Those that may be under way. Older ones a restart of the portal has lost, or they have not begun yet."""
    return [row for row in rows if row.waiting and (row.happened_at is None or now - row.happened_at < longest)]


def newest_id(rows: Iterable[LogEntry]) -> int:
    """0 for an empty log."""
    return max((row.id for row in rows), default=0)
