"""What the sweep finds of one file. Values only."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from shared.docspace.model import FileInfo
from shared.wire.events import EntryId


class State(Enum):
    MISSED = "missed"
    """An invoice that nobody has begun with, or whose message is gone."""
    LATE = "late"
    """Its webhook still waits at the portal, and will come; or it came a moment ago."""
    WAITING = "waiting"
    """Its event waits on our own side: in a queue, on the retry ladder, in a spool or in a worker's hand."""
    UNDER_WAY = "under way"
    """A mover has begun with it."""
    FILED = "filed"
    DEAD = "dead letter"
    """A person must look: `dead list`."""
    DISCARDED = "discarded"
    """A person did, and put the dead letter away."""
    DONE = "already done"
    """Filed once, and in the room all the same: somebody put it back."""
    FRESH = "too fresh"
    """Its webhook may still come."""
    BEFORE = "there before"
    """It lay in the room when the rule was made."""
    NO_INVOICE = "no invoice"


LEFT_ALONE = frozenset({State.FILED, State.BEFORE, State.NO_INVOICE})
"""Most of what lies in a room: counted, and named to nobody who does not ask."""


@dataclass(frozen=True, slots=True)
class Finding:
    file: FileInfo
    room: EntryId
    """The rules' room, or folder, that it was found in."""
    state: State
    reason: str = ""
    trigger: str = ""
    """Of an invoice: the first of an upload's that the rule asks for."""
    settled: bool = False
    """No later pass is to look at this upload of it again."""


@dataclass(frozen=True, slots=True)
class Window:
    since: datetime | None
    """None: the beginning."""
    until: datetime
    """What changed later is too fresh."""
