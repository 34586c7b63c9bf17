"""What differs between the portal's own storage and a third party's: how a file is sent, followed and found again.

`mover.own_storage` is the ordinary way: the file keeps its id. `mover.third_party` is the other.
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
    """It is looked at and moved with no other file."""


class Found(NamedTuple):
    file: FileInfo | None
    """As it is now; None if there is none."""
    followed: Followed | None
    """What was heard of the operation that moves it; None if none was asked."""


class Source(NamedTuple):
    """What is known of a file before it is moved."""

    folder_id: EntryId
    title: str
    modified_at: str | None = None


class Storage(Protocol):
    """Of one `Task`. `sent` is the move that this attempt or an earlier one has noted."""

    def source(self) -> Source | None:
        """What the event tells, if a move may be sent by that alone, without a look first."""

    def look(self, sent: Progress | None) -> FileInfo | None:
        """The file as it is now; None if there is none. ForbiddenError: the service user may not see it."""

    def find(self, sent: Progress | None) -> Found:
        """`look`, and what the operation says where an earlier attempt has sent one. ForbiddenError likewise."""

    def last_check(
        self, source: Source, looked_at: float | None, look: Callable[[], FileInfo | Outcome]
    ) -> LastCheck:
        """What is to be done right before the move is sent. `looked_at` and `look` as in `LastCheck`."""

    def send(self, check: LastCheck) -> Operation:
        """Call `check` when the turn has come, and send the move."""

    def arrived(self, operation: Operation, sent: Progress) -> Arrival:
        """Follow the move, and look for the file. ForbiddenError as for `find`."""

    def earlier_attempt(self, sent: Progress, file: FileInfo, followed: Followed | None) -> Outcome | None:
        """Why not to send a second move, when one was sent and the file is not in the destination."""

    def gone(self, sent: Progress | None, followed: Followed | None) -> Outcome | FileInfo:
        """What follows if the file was not found. A FileInfo is in the destination, and stands for the upload."""

    def take(self, file: FileInfo) -> Retry | None:
        """Record that the upload became this file in the destination. Why it did not; else None."""
