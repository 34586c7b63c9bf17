"""A real invoice that was filed, for a message that is shown or tried out."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.errors import PermanentError
from shared.store.history.filed import filed_of
from shared.store.history.filter import Filter
from shared.store.history.queries import Queries
from shared.store.history.tables import Database
from shared.store.history.upload import Standing, Upload
from shared.wire.events import InvoiceFiled

LOOKED_AT = 20
"""The newest ones: the ledger may have forgotten one that the history still knows."""


@dataclass(frozen=True, slots=True)
class Past:
    upload: Upload
    invoice: InvoiceFiled


def past_invoice(database: Database, upload_id: str | None = None) -> Past:
    """The one with that id, of upload, file, event or message; else the newest that was filed.

    PermanentError where there is none, TransientError while the database cannot tell.
    """
    for upload in _uploads(Queries(database), upload_id):
        invoice = filed_of(database, upload)
        if invoice is not None:
            return Past(upload, invoice)
    if upload_id is None:
        raise PermanentError("no invoice was filed yet, or the ledger has forgotten it: there is none to tell of")
    raise PermanentError(f"no filed invoice has the id {upload_id}, or the ledger has forgotten it")


def _uploads(queries: Queries, upload_id: str | None) -> Iterator[Upload]:
    if upload_id is None:
        yield from queries.page(Filter(standing=Standing.FILED), limit=LOOKED_AT).uploads
    else:
        yield from queries.with_id(upload_id, limit=LOOKED_AT)
