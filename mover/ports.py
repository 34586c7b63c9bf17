"""What the handling of an invoice is given: the portal, the ledger and the time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mover.arrivals import Arrival
from mover.destinations import Destinations
from mover.follow import Followed
from mover.namesakes import Seen
from mover.refusal import Folders
from mover.whereabouts import Files
from shared.docspace.model import Operation
from shared.store.ledger import Ledger
from shared.wire.events import EntryId


class Portal(Files, Folders, Protocol):
    """The portal, as `mover.grouped` offers it: it may join the calls for several files."""

    seen: Seen
    destinations: Destinations

    def move(
        self, file_id: EntryId, destination: EntryId, /, *, alone: bool, note: Callable[[], None]
    ) -> Operation: ...
    def is_crowded(self) -> bool: ...
    def move_across(self, file_id: EntryId, destination: EntryId, /, *, note: Callable[[], None]) -> Operation: ...
    def arrival(self, operation: Operation, file_id: EntryId, /) -> Arrival: ...
    def follow(self, operation: Operation, /) -> Followed: ...


@dataclass(frozen=True, slots=True)
class Ports:
    host: str
    """The portal's host, which the claims of the first released version are named after."""
    portal: Portal
    ledger: Ledger
    clock: Callable[[], float]
    """Seconds since the epoch."""
    wait: Callable[[float], bool]
    """Sleeps for so many seconds. True, at once, if the worker is stopping."""
