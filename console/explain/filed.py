"""Whether a file was filed by this product, as the ledger knows it: by which rule, when, from which room."""

from dataclasses import dataclass, replace

import msgspec

from shared.docspace.model import FileInfo, entry_time
from shared.docspace.payload import Webhook
from shared.store import released
from shared.store.keys import arrival_key, move_key
from shared.store.ledger import Done, Ledger
from shared.wire.events import DEFAULT_PORTAL, EntryId, InvoiceFiled, decode


class _Result(msgspec.Struct):
    """What the mover keeps of a filed invoice, as far as it is told here."""

    filed: InvoiceFiled


@dataclass(frozen=True, slots=True)
class Filed:
    invoice: InvoiceFiled
    at: float | None
    """Seconds since the epoch."""
    lies_in: EntryId
    """The folder in which the file is now."""


def filed(file: FileInfo, ledger: Ledger, host: str) -> Filed | None:
    """The newest version of the file that was filed. TransientError while the ledger cannot be asked.

    `host` is the portal's, after which the first released version named its claims.
    """
    created = entry_time(file.created_at) if file.created_at else None
    arrived = ledger.peek(arrival_key(DEFAULT_PORTAL, file.id, created))
    done = ledger.peek(arrived.result) if isinstance(arrived, Done) else None
    if not isinstance(done, Done):
        done = _of_a_version(file, created, ledger, host)
    return Filed(decode(done.result.encode(), _Result).filed, done.completed_at, file.folder_id) if done else None


def as_uploaded(webhook: Webhook, of: Filed) -> Webhook:
    """With the place of the upload: a filed invoice lies in no ruled room any more."""
    if of.invoice.room_id is None:
        return webhook
    return replace(webhook, entry=replace(webhook.entry, parent_id=of.invoice.room_id))


def _of_a_version(file: FileInfo, created: str | None, ledger: Ledger, host: str) -> Done | None:
    for version in range(file.version, 0, -1):
        done = ledger.peek(move_key(DEFAULT_PORTAL, file.id, version, created, None))
        if isinstance(done, Done):
            return done
        done = ledger.peek(released.move_key(host, file.id, version, None))
        if isinstance(done, Done) and released.is_same_file(created, None, done.completed_at):
            return done
    return None
