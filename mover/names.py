"""The keys under which the ledger holds the work on one upload. Pure."""

from dataclasses import dataclass, replace

from shared.docspace.ids import is_own_storage
from shared.store import keys, released
from shared.wire.events import EntryId, InvoiceDetected


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one piece of work. `key` is its key. The key of the first released version is looked up too."""

    key: str
    released: str | None = None
    """None if no worker of the first version can have claimed it."""
    created_at: str | None = None
    """When the file was created; None if several uploads may have this key."""
    shared_by_uploads: bool = False
    """Whether two uploads may have this key (`mover.third_party`). If it is held, the other one waits."""

    def of_turn(self, number: int) -> "Names":
        """The names of the second, third … upload with this key."""
        old = self.released and keys.of_turn(self.released, number)
        return replace(self, key=keys.of_turn(self.key, number), released=old)

    def overridden(self, override: str) -> "Names":
        """The names of the same work, if an operator wants it done again."""
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
    """The keys that say whose upload became that file, and what our upload is called there."""
    found = [(keys.arrival_key(event.portal, file_id, created_at), of.key)]
    if of.released:
        found.append((released.arrival_key(host, file_id), of.released))
    return found
