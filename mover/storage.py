"""What differs between own and third-party storage: how a file is sent, followed and found again.

`mover.own_storage` is the ordinary case: the file keeps its id. `mover.third_party` is the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from mover.arrivals import Arrival
from mover.claims import Claim
from mover.follow import Followed
from mover.last_check import LastCheck
from mover.plan import Progress
from mover.ports import Ports
from shared.docspace.model import FileInfo, Operation
from shared.wire.events import EntryId, InvoiceDetected
from shared.wire.outcome import Outcome, Retry


@dataclass(frozen=True, slots=True)
class Task:
    """One try at one invoice, with the claim held."""

    event: InvoiceDetected
    ports: Ports
    claim: Claim
    alone: bool
    """Whether it is looked at and moved without other files."""


class Found(NamedTuple):
    file: FileInfo | None
    """As it is now; None if there is none."""
    followed: Followed | None
    """What the operation that moves it said; None if none was asked."""


class Source(NamedTuple):
    """What is known of a file before it is moved."""

    folder_id: EntryId
    title: str
    modified_at: str | None = None


class Storage(Protocol):
    """How to move the file of one `Task`. `sent` is the move that this attempt or an earlier one has noted."""

    def source(self) -> Source | None:
        """What the event says about the file, if that is enough to send a move without a look first."""

    def look(self, sent: Progress | None) -> FileInfo | None:
        """The file as it is now; None if there is none. ForbiddenError: the service user may not see it."""

    def find(self, sent: Progress | None) -> Found:
        """The same as `look`, and what the operation says if an earlier attempt sent one. ForbiddenError
        likewise.
        """

    def last_check(
        self, source: Source, looked_at: float | None, look: Callable[[], FileInfo | Outcome]
    ) -> LastCheck:
        """What to do right before the move is sent. `looked_at` and `look` as in `LastCheck`."""

    def send(self, check: LastCheck) -> Operation:
        """Call `check` right before sending, and send the move."""

    def arrived(self, operation: Operation, sent: Progress) -> Arrival:
        """Follow the move, and look for the file. ForbiddenError as for `find`."""

    def earlier_attempt(self, sent: Progress, file: FileInfo, followed: Followed | None) -> Outcome | None:
        """A move was sent, and the file is not in the destination: why no second move is sent; None if one may
        be.
        """

    def gone(self, sent: Progress | None, followed: Followed | None) -> Outcome | FileInfo:
        """What to do if the file was not found. If it is a FileInfo, that file is in the destination and is the
        upload's.
        """

    def take(self, file: FileInfo) -> Retry | None:
        """Record that the upload became this file in the destination. Returns a Retry if it did not, else None."""
