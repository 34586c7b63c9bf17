"""The ledger's statements. Each is about a set of keys, and does for every key what it does for one alone.

A set costs one commit, and what it writes it locks in the order of the keys: two sets that overlap wait for one
another and never in a circle. Times are the database's clock. Methods raise TransientError, and only that.
"""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from shared.errors import TransientError
from shared.ledger.connection import Database, transaction
from shared.ledger.standing import Done, Free, Held, Won
from shared.ledger.table import ROWS

CLAIM_ROUNDS = 20
"""A row that changed hands between two looks is looked at again; so often in a row means a fault."""

PRUNE_BATCH = 500
"""Rows that one statement deletes: SQLite keeps every other writer off for some milliseconds then, not seconds."""

OPEN = ROWS.c.result.is_(None)
MINE = (ROWS.c.key == sa.bindparam("of_key"), ROWS.c.token == sa.bindparam("of_token"), OPEN)
NOTE = sa.update(ROWS).where(*MINE).values(progress=sa.bindparam("of_progress"))
FORGET_UNTOUCHED = sa.delete(ROWS).where(*MINE, ROWS.c.wins == 1, ROWS.c.progress.is_(None))
GIVE_BACK = sa.update(ROWS).where(*MINE).values(token=None, leased_until=None)


class Note(NamedTuple):
    key: str
    token: str
    progress: str


class Result(NamedTuple):
    key: str
    text: str


class Claim(NamedTuple):
    key: str
    token: str


class Rows:
    """`database_url` and `owner` as for `Ledger`. Connects on first use, and creates the table then."""

    def __init__(self, database_url: str, *, owner: str) -> None:
        self._owner = owner
        self._database = Database(database_url)
        self.engine = self._database.engine
        self.now = self._database.now
        self._claim_statement = self._claiming()
        self._complete_statement = self._completing()

    def claim(self, keys: Sequence[str], lease_s: float) -> list[Won | Held | Done]:
        """In the order of `keys`. A key that is there twice is won once: the other is told Held."""
        found: dict[str, Won | Held | Done] = {}
        if not keys:
            return []
        with self._database.connection(writes=True) as connection:
            open_keys = sorted(set(keys))
            for _ in range(CLAIM_ROUNDS):
                found |= self._try(connection, open_keys, lease_s)
                looked = self._look(connection, [key for key in open_keys if key not in found])
                found |= {key: seen for key, seen in looked.items() if not isinstance(seen, Free)}
                open_keys = [key for key in open_keys if key not in found]
                if not open_keys:
                    break
            else:
                raise TransientError(f"the ledger's row {open_keys[0]} changes hands too fast")
        claims: list[Won | Held | Done] = []
        given: set[str] = set()
        for key in keys:
            claim = found[key]
            twice = key in given and isinstance(claim, Won)
            claims.append(Held(lease_s, self._owner, claim.progress) if twice and isinstance(claim, Won) else claim)
            given.add(key)
        return claims

    def note(self, notes: Sequence[Note]) -> None:
        """Of a key that is there twice, the last progress stays."""
        self._each(
            NOTE,
            [{"of_key": note.key, "of_token": note.token, "of_progress": note.progress} for note in notes],
        )

    def complete(self, results: Sequence[Result]) -> None:
        """Of a key that is there twice, the first result stays."""
        self._each(self._complete_statement, [{"of_key": each.key, "of_result": each.text} for each in results])

    def release(self, claims: Sequence[Claim]) -> None:
        rows = [{"of_key": claim.key, "of_token": claim.token} for claim in claims]
        for statement in (FORGET_UNTOUCHED, GIVE_BACK):  # a transaction each, for the order of the locks
            self._each(statement, rows)

    def look(self, key: str) -> Done | Held | Free:
        with self._database.connection() as connection:
            return self._look(connection, [key])[key]

    def prune(self, older_than_s: float, at_most: int) -> int:
        old = (
            sa.select(ROWS.c.key)
            .where(ROWS.c.completed_at < self.now - older_than_s)
            .order_by(ROWS.c.completed_at)
            .limit(at_most)
        )
        with self._database.connection(writes=True) as connection:
            return connection.execute(sa.delete(ROWS).where(ROWS.c.key.in_(old))).rowcount

    def check(self) -> None:
        with self._database.connection() as connection:
            connection.execute(sa.select(ROWS.c.key).limit(1)).first()

    def _claiming(self) -> Any:
        insert = self._database.insert(ROWS).values(
            key=sa.bindparam("of_key"),
            token=sa.bindparam("of_token"),
            owner=self._owner,
            leased_until=self.now + sa.bindparam("lease_s", type_=sa.Double),
            wins=1,
        )
        taken = {name: insert.excluded[name] for name in ("token", "owner", "leased_until")}
        free = sa.or_(ROWS.c.leased_until.is_(None), ROWS.c.leased_until <= self.now)
        return insert.on_conflict_do_update(
            index_elements=[ROWS.c.key], set_={**taken, "wins": ROWS.c.wins + 1}, where=sa.and_(OPEN, free)
        ).returning(ROWS.c.key, ROWS.c.token, ROWS.c.wins, ROWS.c.progress)

    def _completing(self) -> Any:
        insert = self._database.insert(ROWS).values(
            key=sa.bindparam("of_key"),
            owner=self._owner,
            wins=0,
            token=None,
            leased_until=None,
            result=sa.bindparam("of_result"),
            completed_at=self.now,
        )
        done = {name: insert.excluded[name] for name in ("token", "leased_until", "result", "completed_at")}
        return insert.on_conflict_do_update(index_elements=[ROWS.c.key], set_=done, where=OPEN)

    def _try(self, connection: sa.Connection, keys: list[str], lease_s: float) -> dict[str, Won]:
        rows = [{"of_key": key, "of_token": uuid.uuid4().hex, "lease_s": lease_s} for key in keys]
        return {
            row.key: Won(row.token, row.progress, taken_over=row.wins > 1)
            for row in connection.execute(self._claim_statement, rows)
        }

    def _look(self, connection: sa.Connection, keys: list[str]) -> dict[str, Done | Held | Free]:
        found: dict[str, Done | Held | Free] = {key: Free() for key in keys}
        if not keys:
            return found
        remaining = (ROWS.c.leased_until - self.now).label("remaining_s")
        for row in connection.execute(sa.select(ROWS, remaining).where(ROWS.c.key.in_(keys))):
            if row.result is not None:
                found[row.key] = Done(row.result)
            elif row.remaining_s is not None and row.remaining_s > 0:
                found[row.key] = Held(row.remaining_s, row.owner, row.progress)
            else:
                found[row.key] = Free(row.progress)
        return found

    def _each(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        """The statement for each row, in one transaction."""
        if not rows:
            return
        in_order = sorted(rows, key=lambda row: str(row["of_key"]))
        with self._database.connection(writes=True) as connection, transaction(connection, needed=len(rows) > 1):
            connection.execute(statement, in_order)
