"""What a mover does when the turn of a move has come, right before it is sent: a last look, and a note."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from mover.claims import Claim, ClaimLostError
from mover.plan import Progress
from mover.whereabouts import is_fresh
from shared.docspace.model import FileInfo
from shared.errors import TransientError
from shared.runtime.crash_points import CrashPoint, reached
from shared.wire.outcome import Outcome


class NotSentError(TransientError):
    """What was seen when the turn had come settles the invoice without a move."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("it is not to be moved any more")
        self.outcome = outcome


@dataclass(slots=True)
class LastCheck:
    """To be called by any thread, again for each part of a group that the portal refused, so never moved.

    ClaimLostError, NotSentError and the errors of a look: it is not sent.
    """

    claim: Claim
    progress: Progress
    """As it was noted, after the call."""
    clock: Callable[[], float]
    looked_at: float | None
    look: Callable[[], FileInfo | Outcome] | None
    """Asked again if the last look was long ago: the id may be another file's by now, which must stay where it is.
    An outcome settles the invoice. None: no second look."""
    is_made: bool = False

    def __call__(self) -> None:
        if self.look and not is_fresh(self.looked_at, self.clock()):
            if self.is_made:
                self.claim.note(self.claim.progress)
            file = self.look()
            if not isinstance(file, FileInfo):
                raise NotSentError(file)
            self.progress = msgspec.structs.replace(self.progress, source=file.folder_id, title=file.title)
        self.progress = msgspec.structs.replace(self.progress, sent_at=self.clock())
        if not self.claim.note(self.progress):
            raise ClaimLostError
        self.is_made = True
        reached(CrashPoint.MOVE_NOTED)
