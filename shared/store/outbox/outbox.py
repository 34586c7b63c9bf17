"""What people see of the outbox, and what they may change. `joining` and `sending` are for the notifier.

Methods raise TransientError. Times are seconds since the epoch, by the database's clock.
"""

import msgspec
import sqlalchemy as sa

from shared.store.ledger.connection import Database
from shared.store.outbox.tables import INVOICES, ITEMS, WINDOWS
from shared.store.outbox.versions import OUTBOX
from shared.store.outbox.window import Brought, Item, State, Waiting

UNSENT = WINDOWS.c.sent_at.is_(None)


class Outbox:
    """`database_url` as the ledger takes it. Connects on first use, and makes its tables then."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, OUTBOX)

    def close(self) -> None:
        self._database.engine.dispose()

    def waiting(self, limit: int, before: float | None = None) -> list[Waiting]:
        """Windows that are not sent, the one that is due first before the others; those due before then alone."""
        wanted = [UNSENT, *([WINDOWS.c.due_at < before] if before is not None else [])]
        some = sa.select(WINDOWS).where(*wanted).order_by(WINDOWS.c.due_at, WINDOWS.c.id).limit(limit)
        with self._database.connection() as connection:
            windows = connection.execute(some).all()
            held = sa.select(
                ITEMS.c.window_id, sa.func.count().label("of"), sa.func.min(ITEMS.c.at).label("oldest")
            )
            those = ITEMS.c.window_id.in_([window.id for window in windows])
            counted = {
                row.window_id: row for row in connection.execute(held.where(those).group_by(ITEMS.c.window_id))
            }
        return [
            Waiting(
                id=window.id,
                name=window.name,
                scheme=window.scheme,
                due_at=window.due_at,
                count=counted[window.id].of if window.id in counted else 0,
                oldest_at=counted[window.id].oldest if window.id in counted else window.opened_at,
                state=State(window.state),
            )
            for window in windows
        ]

    def items(self, window_id: str, limit: int) -> list[Item]:
        """What the window names, the oldest first."""
        with self._database.connection() as connection:
            return items_of(connection, window_id, limit)

    def send_now(self, window_id: str) -> bool:
        """Let it be due now; False where there is none that is not sent. Repeating is safe.

        If it was due and its message is gone, as a person put it away, the message comes anew.
        """
        unsent = (WINDOWS.c.id == window_id, UNSENT)
        sooner = sa.case((WINDOWS.c.due_at > self._database.now, self._database.now), else_=WINDOWS.c.due_at)
        again = {"due_at": sooner, "published_at": None, "offered_until": None}
        with self._database.connection(writes=True) as connection:
            return connection.execute(sa.update(WINDOWS).where(*unsent).values(again)).rowcount > 0


def items_of(connection: sa.Connection, window_id: str, limit: int) -> list[Item]:
    query = (
        sa.select(ITEMS.c.key, ITEMS.c.at, INVOICES.c.filed, INVOICES.c.message)
        .join(INVOICES, INVOICES.c.key == ITEMS.c.key)
        .where(ITEMS.c.window_id == window_id)
        .order_by(ITEMS.c.at, ITEMS.c.key)
        .limit(limit)
    )
    return [_item(row) for row in connection.execute(query).mappings()]


def _item(row: sa.RowMapping) -> Item:
    return Item(key=row["key"], at=row["at"], message=brought(row["message"]).message(row["filed"].encode()))


def brought(text: str) -> Brought:
    return msgspec.json.decode(text, type=Brought)
