"""Under which keys the ledger holds the work on one upload. Pure."""

from dataclasses import dataclass, replace

from shared.docspace.ids import is_own_storage
from shared.store import keys, released
from shared.wire.events import EntryId, InvoiceDetected


@dataclass(frozen=True, slots=True)
class Names:
    """Of one piece of work. `key` names it; what the first released version called it is honoured beside."""

    key: str
    released: str | None = None
    """None where no worker of the first version can have held it."""
    created_at: str | None = None
    """Of the file; None where uploads may share the key."""
    shared_by_uploads: bool = False
    """Two uploads may have this key (`mover.third_party`): who finds it held waits."""

    def of_turn(self, number: int) -> "Names":
        """Of the second, third … upload that has this key."""
        old = self.released and keys.of_turn(self.released, number)
        return replace(self, key=keys.of_turn(self.key, number), released=old)

    def overridden(self, override: str) -> "Names":
        """Of the same work, which an operator wants done again."""
        return Names(keys.overridden(self.key, override))


def names_of(event: InvoiceDetected, host: str, *, upgraded: bool) -> Names:
    """`upgraded`: the ledger may hold claims of the first released version, which named them after `host`."""
    old = released.move_key(host, event.file_id, event.version, event.uploaded_at) if upgraded else None
    key = keys.move_key(event.portal, event.file_id, event.version, event.created_at, event.uploaded_at)
    own = is_own_storage(event.file_id)
    return Names(key, old, event.created_at if own else None, shared_by_uploads=not own)


def arrivals(
    event: InvoiceDetected, host: str, of: Names, file_id: EntryId, created_at: str | None
) -> list[tuple[str, str]]:
    """Under which keys it is kept whose upload became that file, and what our upload is called there."""
    found = [(keys.arrival_key(event.portal, file_id, created_at), of.key)]
    if of.released:
        found.append((released.arrival_key(host, file_id), of.released))
    return found
