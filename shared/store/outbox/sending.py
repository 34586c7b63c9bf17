"""How the notifier sends the windows that are due, and says of which invoices everybody was told.

Methods raise TransientError. Repeating each is safe. Times are seconds since the epoch, by the database's clock.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from shared.store.database import transaction
from shared.store.ledger.connection import Database
from shared.store.outbox.outbox import UNSENT, brought, items_of
from shared.store.outbox.tables import CHANNELS, INVOICES, ITEMS, WINDOWS
from shared.store.outbox.window import Of, State, Window
from shared.wire.message import Message

OFFER_S = 15.0
"""What one process publishes, no other publishes too, unless that died meanwhile."""
AGAIN_S = 600.0
"""What no notifier took up for so long after it was published is published again: one of an older release cannot
read it, and makes a dead letter of it."""
BATCH = 200
"""The most that one process publishes at a time."""
MOST_ITEMS = 500
"""The most invoices in one message; the others are in the next, which is due at once."""
PRUNE_BATCH = 500
"""The most rows that one statement deletes, as in the ledger."""


@dataclass(frozen=True, slots=True)
class Announced:
    """An invoice of which everybody was told."""

    key: str
    event: bytes
    """`invoice.announced`."""
    message: Message
    """`invoice.filed`, as it came."""


@dataclass(frozen=True, slots=True)
class Backlog:
    waiting: int
    """Invoices that wait for their hour, once for each channel."""
    overdue_s: float
    """For how long the oldest window is due and not sent; 0: none is."""


class Sending:
    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self) -> list[str]:
        """Some windows that are due, for this process to publish within OFFER_S."""
        now = self._database.now
        not_taken_up = sa.and_(WINDOWS.c.state == State.OPEN.value, WINDOWS.c.published_at < now - AGAIN_S)
        unpublished = sa.or_(WINDOWS.c.published_at.is_(None), not_taken_up)
        free = (UNSENT, WINDOWS.c.due_at <= now, unpublished, _not_offered(WINDOWS, now))
        some = sa.select(WINDOWS.c.id).where(*free).order_by(WINDOWS.c.due_at).limit(BATCH)
        with self._database.connection() as connection:
            if connection.execute(some.limit(1)).first() is None:
                return []  # without taking the one writer's turn in SQLite
        taken = some.with_for_update(skip_locked=True)
        offered = sa.update(WINDOWS).where(WINDOWS.c.id.in_(taken), *free).values(offered_until=now + OFFER_S)
        with self._database.connection(writes=True) as connection:
            return list(connection.execute(offered.returning(WINDOWS.c.id)).scalars())

    def next_in_s(self) -> float | None:
        """How long until the next window is due that is not published; None: there is none."""
        query = sa.select(sa.func.min(WINDOWS.c.due_at)).where(UNSENT, WINDOWS.c.published_at.is_(None))
        with self._database.connection() as connection:
            due_at, now = connection.execute(sa.select(query.scalar_subquery(), self._database.now)).one()
        return None if due_at is None else max(0.0, due_at - now)

    def published(self, windows: Sequence[str]) -> None:
        """The broker has `digest.due` of these."""
        with self._database.connection(writes=True) as connection:
            done = sa.update(WINDOWS).where(WINDOWS.c.id.in_(windows))
            connection.execute(done.values(published_at=self._database.now, offered_until=None))

    def shut(self, window_id: str) -> Window | None:
        """The window with all that its message names; nothing joins it any more. None: there is no such window."""
        its = sa.select(WINDOWS).where(WINDOWS.c.id == window_id)
        with self._database.connection(writes=True) as connection, transaction(connection):
            window = connection.execute(its).first()
            if window is None:
                return None
            mine = CHANNELS.c.channel == window.channel
            connection.execute(
                sa.select(CHANNELS).where(mine).with_for_update()
            ).first()  # before the window, as who joins
            window = connection.execute(its).one()
            if window.state == State.OPEN:
                self._split(connection, window_id)
                shut = sa.update(WINDOWS).where(WINDOWS.c.id == window_id).values(state=State.CLOSED.value)
                connection.execute(shut)
                quiet = {"quiet_until": self._database.now + window.quiet_s} if window.quiet_s else {}
                connection.execute(sa.update(CHANNELS).where(mine).values(open_window=None, **quiet))
            items = items_of(connection, window_id, MOST_ITEMS)
        return Window(
            id=window.id,
            channel=window.channel,
            name=window.name,
            scheme=window.scheme,
            state=State.SENT if window.state == State.SENT else State.CLOSED,
            items=tuple(items),
        )

    def sent(self, window_id: str) -> None:
        """Its message was accepted: invoices that waited for it alone are ready to be announced."""
        closed = (WINDOWS.c.id == window_id, WINDOWS.c.state == State.CLOSED.value)
        sent = {"state": State.SENT.value, "sent_at": self._database.now}
        its = sa.select(ITEMS.c.key).where(ITEMS.c.window_id == window_id)
        waiting = (INVOICES.c.key.in_(its), INVOICES.c.state == Of.WAITING.value)
        with self._database.connection(writes=True) as connection, transaction(connection):
            if connection.execute(sa.update(WINDOWS).where(*closed).values(sent)).rowcount == 0:
                return
            connection.execute(  # in their order, as another window may hold some of the same
                sa.select(INVOICES.c.key).where(*waiting).order_by(INVOICES.c.key).with_for_update()
            ).all()
            last = sa.case((INVOICES.c.unsent <= 1, Of.READY.value), else_=Of.WAITING.value)
            one_less = {"unsent": INVOICES.c.unsent - 1, "state": last}
            connection.execute(sa.update(INVOICES).where(*waiting).values(one_less))

    def ready(self) -> list[Announced]:
        """Some invoices of which everybody was told, for this process to announce within OFFER_S."""
        now = self._database.now
        free = (INVOICES.c.state == Of.READY.value, _not_offered(INVOICES, now))
        some = sa.select(INVOICES.c.key).where(*free).order_by(INVOICES.c.at).limit(BATCH)
        with self._database.connection() as connection:
            if connection.execute(some.limit(1)).first() is None:
                return []
        taken = some.with_for_update(skip_locked=True)
        offered = sa.update(INVOICES).where(INVOICES.c.key.in_(taken), *free).values(offered_until=now + OFFER_S)
        told = offered.returning(INVOICES.c.key, INVOICES.c.announced, INVOICES.c.filed, INVOICES.c.message)
        with self._database.connection(writes=True) as connection:
            return [
                Announced(row.key, row.announced.encode(), brought(row.message).message(row.filed.encode()))
                for row in connection.execute(told)
            ]

    def announced(self, keys: Sequence[str]) -> None:
        """The broker has `invoice.announced` of these."""
        with self._database.connection(writes=True) as connection:
            done = sa.update(INVOICES).where(INVOICES.c.key.in_(keys))
            connection.execute(done.values(state=Of.ANNOUNCED.value))

    def backlog(self) -> Backlog:
        held = sa.select(sa.func.count()).select_from(ITEMS).join(WINDOWS, WINDOWS.c.id == ITEMS.c.window_id)
        oldest = sa.select(sa.func.min(WINDOWS.c.due_at)).where(UNSENT).scalar_subquery()
        with self._database.connection() as connection:
            due_at, now = connection.execute(sa.select(oldest, self._database.now)).one()
            waiting = connection.execute(held.where(UNSENT)).scalar_one() if due_at is not None else 0
        return Backlog(waiting, 0.0 if due_at is None else max(0.0, now - due_at))

    def prune(self, older_than_s: float) -> int:
        """Delete some of what was sent, or decided to be told at once, longer ago; how many rows. Fewer than
        PRUNE_BATCH: no more is left.
        """
        before = self._database.now - older_than_s
        was_sent = sa.select(WINDOWS.c.id).where(WINDOWS.c.sent_at < before)
        item, names_it = sa.tuple_(ITEMS.c.channel, ITEMS.c.key), sa.exists().where(ITEMS.c.key == INVOICES.c.key)
        sent = sa.select(ITEMS.c.channel, ITEMS.c.key).where(ITEMS.c.window_id.in_(was_sent))
        at_once = sa.select(ITEMS.c.channel, ITEMS.c.key).where(ITEMS.c.window_id.is_(None), ITEMS.c.at < before)
        empty = was_sent.where(~sa.exists().where(ITEMS.c.window_id == WINDOWS.c.id))
        over = INVOICES.c.state.in_([Of.ANNOUNCED.value, Of.JOINING.value])  # these: a person put the message away
        ended = sa.select(INVOICES.c.key).where(over, INVOICES.c.at < before, ~names_it)
        with self._database.connection(writes=True) as connection, transaction(connection):
            return sum(
                connection.execute(delete).rowcount
                for delete in (
                    sa.delete(ITEMS).where(item.in_(sent.limit(PRUNE_BATCH))),
                    sa.delete(ITEMS).where(item.in_(at_once.limit(PRUNE_BATCH))),
                    sa.delete(WINDOWS).where(WINDOWS.c.id.in_(empty.limit(PRUNE_BATCH))),
                    sa.delete(INVOICES).where(INVOICES.c.key.in_(ended.limit(PRUNE_BATCH))),
                )
            )

    def _split(self, connection: sa.Connection, window_id: str) -> None:
        """What is more than one message names goes to closed windows of their own, which are due now."""
        order = (ITEMS.c.at, ITEMS.c.key)
        its = sa.select(ITEMS.c.key).where(ITEMS.c.window_id == window_id).order_by(*order).offset(MOST_ITEMS)
        keys = list(connection.execute(its).scalars())
        for start in range(0, len(keys), MOST_ITEMS):
            rest = str(uuid.uuid4())
            names = ("channel", "scheme", "name", "quiet_s", "opened_at")
            made = (sa.literal(rest), sa.literal(State.CLOSED.value), self._database.now)
            copied = sa.select(*made, *(WINDOWS.c[name] for name in names)).where(WINDOWS.c.id == window_id)
            connection.execute(sa.insert(WINDOWS).from_select(["id", "state", "due_at", *names], copied))
            some = (ITEMS.c.window_id == window_id, ITEMS.c.key.in_(keys[start : start + MOST_ITEMS]))
            connection.execute(sa.update(ITEMS).where(*some).values(window_id=rest))


def _not_offered(table: sa.Table, now: sa.ColumnElement[float]) -> sa.ColumnElement[bool]:
    return sa.or_(table.c.offered_until.is_(None), table.c.offered_until < now)
