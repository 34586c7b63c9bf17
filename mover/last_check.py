"""Right before a move is sent: looks at the file once more if that is needed, and notes the move."""

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
    """The last look settled the invoice, so no move is sent."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("it no longer needs to be moved")
        self.outcome = outcome


@dataclass(slots=True)
class LastCheck:
    """Any thread may call it. It is called again for each part of a group that the portal refused, and so did
    not move.

    If it raises (ClaimLostError, NotSentError or the errors of a look), the move is not sent.
    """

    claim: Claim
    progress: Progress
    """After the call, the progress as it was noted."""
    clock: Callable[[], float]
    looked_at: float | None
    look: Callable[[], FileInfo | Outcome] | None
    """Looks at the file again if the last look was long ago: by now its id may be that of another file, which
    must not be moved. An outcome settles the invoice. None: there is no second look."""
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
