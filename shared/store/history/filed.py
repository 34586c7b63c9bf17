"""The fact that an upload was filed, as the ledger keeps it for as long as its claims. Only reads."""

import sqlalchemy as sa

from shared.store.history.tables import Database
from shared.store.history.unrecorded import filed_in
from shared.store.history.upload import Upload
from shared.store.ledger.table import ROWS
from shared.wire.events import DEFAULT_PORTAL, InvoiceFiled


def filed_of(database: Database, upload: Upload) -> InvoiceFiled | None:
    """None where the ledger has forgotten it. Of several uploads of one file, the one that was filed then.

    TransientError.
    """
    if upload.file_id is None or not database.has_table(ROWS.name):
        return None
    own = ROWS.c.key.startswith(f"move:{DEFAULT_PORTAL}:{upload.file_id}:", autoescape=True)
    query = sa.select(ROWS.c.result, ROWS.c.completed_at).where(own, ROWS.c.completed_at.is_not(None))
    with database.connection() as connection:
        rows = connection.execute(query).all()
    found = [(invoice, row.completed_at) for row in rows if (invoice := filed_in(row.result)) is not None]
    at = upload.filed_at or upload.last_at
    return min(found, key=lambda each: abs(each[1] - at), default=(None, 0.0))[0]
