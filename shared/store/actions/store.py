"""Actions and their items in the ledger's database: who works at one holds its lease, and anybody may stop it.

Methods raise TransientError. Times are seconds since the epoch, by the database's clock.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from shared.store.actions.action import Action, Item, ItemState, State
from shared.store.actions.tables import ACTIONS, ITEMS
from shared.store.actions.versions import ACTIONS as PART
from shared.store.audit.store import Person, Through
from shared.store.database import transaction
from shared.store.ledger.connection import Database
from shared.text.outside import storable

LEASE_S = 15.0
"""An action whose process was killed is gone on with so long after; each item renews it."""
BATCH = 500
"""Rows of one statement."""
OPEN = (State.WAITING.value, State.RUNNING.value)


class ActionStore:
    """`database_url` as the ledger takes it. Connects on first use, and makes its tables then."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, PART)

    def close(self) -> None:
        self._database.engine.dispose()

    def add(
        self,
        action_id: str,
        verb: str,
        filter_: Mapping[str, Any],
        *,
        count: int,
        by: Person,
        keys: Sequence[str],
        holder: str | None = None,
    ) -> None:
        """With an item for each of `keys`, in their order: all of it, or nothing. `count`: what the person saw.

        With a `holder` it is that one's to work at from the beginning, as after `hold`.
        """
        held = {"holder": holder, "leased_until": self._lease(), "state": State.RUNNING.value} if holder else {}
        row = {
            "id": action_id, "verb": verb, "filter": json.dumps(filter_, sort_keys=True), "count": count,
            "asked_by": storable(by.name), "through": by.through.value, "asked_at": self._database.now,
            "state": State.WAITING.value, "done": 0, "failed": 0, "place": 0, **held,
        }  # fmt: skip
        items = [
            {"action": action_id, "place": place, "key": key, "state": ItemState.PENDING.value}
            for place, key in enumerate(keys, start=1)
        ]
        with self._database.connection(writes=True) as connection, transaction(connection):
            connection.execute(sa.insert(ACTIONS).values(row))
            for start in range(0, len(items), BATCH):
                connection.execute(sa.insert(ITEMS), items[start : start + BATCH])

    def get(self, action_id: str) -> Action | None:
        with self._database.connection() as connection:
            row = connection.execute(sa.select(ACTIONS).where(ACTIONS.c.id == action_id)).first()
        return None if row is None else _action(row)

    def prune(self, older_than_s: float) -> int:
        """Forget some actions that were done longer ago, with their items; how many. Fewer than BATCH: no more is
        left.
        """
        old = (ACTIONS.c.state == State.DONE.value, ACTIONS.c.asked_at < self._database.now - older_than_s)
        some = sa.select(ACTIONS.c.id).where(*old).order_by(ACTIONS.c.asked_at).limit(BATCH)
        with self._database.connection(writes=True) as connection, transaction(connection):
            ids = list(connection.execute(some).scalars())
            connection.execute(sa.delete(ITEMS).where(ITEMS.c.action.in_(ids)))
            return connection.execute(sa.delete(ACTIONS).where(ACTIONS.c.id.in_(ids))).rowcount

    def latest(self, limit: int) -> list[Action]:
        """The newest first."""
        query = sa.select(ACTIONS).order_by(ACTIONS.c.asked_at.desc(), ACTIONS.c.id).limit(limit)
        with self._database.connection() as connection:
            return [_action(row) for row in connection.execute(query)]

    def open_ones(self) -> list[str]:
        """The ids of those that somebody is to go on with and nobody works at, the oldest first."""
        free = sa.or_(ACTIONS.c.leased_until.is_(None), ACTIONS.c.leased_until < self._database.now)
        query = sa.select(ACTIONS.c.id).where(ACTIONS.c.state.in_(OPEN), free).order_by(ACTIONS.c.asked_at)
        with self._database.connection() as connection:
            return list(connection.execute(query).scalars())

    def items(self, action_id: str, *states: ItemState) -> list[Item]:
        """In their order; of these states, or all."""
        query = sa.select(ITEMS).where(ITEMS.c.action == action_id).order_by(ITEMS.c.place)
        if states:
            query = query.where(ITEMS.c.state.in_([state.value for state in states]))
        with self._database.connection() as connection:
            return [Item(row.place, row.key, ItemState(row.state), row.why) for row in connection.execute(query)]

    def hold(self, action_id: str, holder: str) -> bool:
        """Whether it is `holder`'s now to work at. Of any number at once exactly one is told so."""
        free = sa.or_(ACTIONS.c.leased_until.is_(None), ACTIONS.c.leased_until < self._database.now)
        held = {"holder": holder, "leased_until": self._lease(), "state": State.RUNNING.value, "fault": None}
        wanted = (ACTIONS.c.id == action_id, ACTIONS.c.state.in_(OPEN), free)
        return self._changed(sa.update(ACTIONS).where(*wanted).values(held))

    def begin(self, action_id: str, holder: str, place: int) -> float | None:
        """Written before the item is done; when it was begun first.

        None: the action was stopped, or another process holds it by now.
        """
        begun = {"leased_until": self._lease(), "place": place}
        with self._database.connection(writes=True) as connection, transaction(connection):
            if connection.execute(self._of(action_id, holder).values(begun)).rowcount == 0:
                return None
            told = {
                "state": ItemState.BEGUN.value,
                "begun_at": sa.func.coalesce(ITEMS.c.begun_at, self._database.now),
            }
            connection.execute(sa.update(ITEMS).where(*_open_item(action_id, place)).values(told))
            item = (ITEMS.c.action == action_id, ITEMS.c.place == place)
            return float(connection.execute(sa.select(ITEMS.c.begun_at).where(*item)).scalar_one())

    def renew(self, action_id: str, holder: str) -> bool:
        """Between two items. False where `begin` would say None."""
        return self._changed(self._of(action_id, holder).values(leased_until=self._lease()))

    def end(self, action_id: str, place: int, *, why: str | None = None) -> None:
        """Written after it was done, or has failed for good because of `why`. Repeating it counts once."""
        state = ItemState.DONE if why is None else ItemState.FAILED
        count = ACTIONS.c.done if why is None else ACTIONS.c.failed
        told = {"state": state.value, "why": None if why is None else storable(why)}
        with self._database.connection(writes=True) as connection, transaction(connection):
            if connection.execute(sa.update(ITEMS).where(*_open_item(action_id, place)).values(told)).rowcount:
                counted = {count.name: count + 1}
                connection.execute(sa.update(ACTIONS).where(ACTIONS.c.id == action_id).values(counted))

    def let_go(self, action_id: str, holder: str) -> None:
        """Who works at it ends in good order, with nothing in hand: another may go on at once."""
        self._changed(sa.update(ACTIONS).where(*_held_by(action_id, holder)).values(leased_until=None))

    def broke_off(self, action_id: str, holder: str, fault: str) -> None:
        """Who works at it cannot go on because of `fault`.

        The lease ends by itself: by then the broker has back what was in hand.
        """
        self._changed(sa.update(ACTIONS).where(*_held_by(action_id, holder)).values(fault=storable(fault)))

    def finish(self, action_id: str, holder: str) -> bool:
        """Each of its items has ended."""
        ended = {"state": State.DONE.value, "leased_until": None, "ended_at": self._database.now, "fault": None}
        return self._changed(self._of(action_id, holder).values(ended))

    def stop(self, action_id: str) -> bool:
        """From whatever process; the one that works at it ends with the item that it has in hand."""
        open_ = (ACTIONS.c.id == action_id, ACTIONS.c.state.in_(OPEN))
        return self._changed(sa.update(ACTIONS).where(*open_).values(state=State.STOPPED.value))

    def resume(self, action_id: str) -> bool:
        stopped = (ACTIONS.c.id == action_id, ACTIONS.c.state == State.STOPPED.value)
        return self._changed(sa.update(ACTIONS).where(*stopped).values(state=State.WAITING.value))

    def _of(self, action_id: str, holder: str) -> sa.Update:
        """As long as it is that holder's and runs."""
        running = ACTIONS.c.state == State.RUNNING.value
        return sa.update(ACTIONS).where(ACTIONS.c.id == action_id, ACTIONS.c.holder == holder, running)

    def _lease(self) -> sa.ColumnElement[float]:
        return self._database.now + LEASE_S

    def _changed(self, statement: sa.Update) -> bool:
        with self._database.connection(writes=True) as connection:
            return connection.execute(statement).rowcount > 0


def _held_by(action_id: str, holder: str) -> tuple[sa.ColumnElement[bool], ...]:
    return ACTIONS.c.id == action_id, ACTIONS.c.holder == holder


def _open_item(action_id: str, place: int) -> tuple[sa.ColumnElement[bool], ...]:
    """As long as it has not ended."""
    still_open = ITEMS.c.state.in_([ItemState.PENDING.value, ItemState.BEGUN.value])
    return ITEMS.c.action == action_id, ITEMS.c.place == place, still_open


def _action(row: sa.Row[Any]) -> Action:
    told = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    del told["through"], told["leased_until"]
    asked_by = Person(row.asked_by, Through(row.through))
    return Action(**{**told, "filter": json.loads(row.filter), "asked_by": asked_by, "state": State(row.state)})
