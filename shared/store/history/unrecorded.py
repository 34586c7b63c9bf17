"""Uploads of which the ledger knows more than the history: no projector ran, or it is behind. Only reads."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa

from shared.errors import PermanentError
from shared.store.history.tables import Database
from shared.store.history.upload import State, Upload
from shared.store.ledger.table import ROWS
from shared.wire.events import DEFAULT_PORTAL, InvoiceFiled, decode

FILED = "the ledger says that it was filed; the history does not know it"
BEGUN = "the ledger says that a mover has begun; the history does not know it"


class _Result(msgspec.Struct):
    """What the mover keeps of an upload: of one that was not filed, something else."""

    filed: InvoiceFiled | None = None


def of_ledger(database: Database, text: str, limit: int) -> list[Upload]:
    """Those with this text in their title, or with this id of their file. They have no correlation id.

    Looks through the whole ledger: for what the history did not find. TransientError.
    """
    if not database.has_table(ROWS.name):
        return []
    with_id = ROWS.c.key.startswith(f"move:{DEFAULT_PORTAL}:{text}:", autoescape=True)
    query = (
        sa.select(ROWS.c.result, ROWS.c.completed_at, ROWS.c.leased_until, with_id.label("named"))
        .where(ROWS.c.key.startswith("move:"), sa.or_(with_id, _may_hold(database, text)))
        .order_by(ROWS.c.completed_at.desc())
    )
    with database.connection() as connection:
        return list(islice(_uploads(connection.execute(query), text), limit))


def _may_hold(database: Database, text: str) -> sa.ColumnElement[bool]:
    """As far as the database can tell: SQLite knows the cases of ASCII alone."""
    if database.is_sqlite:
        return ROWS.c.result.is_not(None)
    written = json.dumps(text, ensure_ascii=False)[1:-1]
    return sa.func.lower(ROWS.c.result).contains(written.lower(), autoescape=True)


def _uploads(rows: sa.CursorResult[Any], text: str) -> Iterator[Upload]:
    for row in rows:
        filed = filed_in(row.result)
        if filed is not None and (row.named or text.casefold() in filed.title.casefold()):
            room = None if filed.room_id is None else str(filed.room_id)
            yield _upload(State.FILED, str(filed.file_id), row.completed_at, title=filed.title, room=room)
        elif row.named and row.result is None:
            yield _upload(State.WAITING, text, row.leased_until)


def _upload(
    state: State, file_id: str, at: float | None, *, title: str | None = None, room: str | None = None
) -> Upload:
    return Upload(
        correlation_id="", state=state, reason=FILED if state is State.FILED else BEGUN, file_id=file_id,
        title=title, room=room, first_at=at or 0.0, last_at=at or 0.0,
    )  # fmt: skip


def filed_in(result: str | None) -> InvoiceFiled | None:
    """What the mover keeps in a claim that it has completed."""
    try:
        return decode((result or "{}").encode(), _Result).filed
    except PermanentError:
        return None
