"""How often signing in failed, by name and by address, and how long the next attempt must wait.

An attempt is counted before the password is looked at, so that many at once are no way around it.
"""

import hashlib
from collections.abc import Iterable

import sqlalchemy as sa

from shared.store.database import transaction
from shared.store.ledger.connection import Database
from shared.store.people.tables import ATTEMPTS

FREE = 4
"""So many mistakes wait for nothing."""
LONGEST_S = {"name": 60, "address": 900}
"""A name's is short: else anybody could keep its owner out."""
REMEMBERED_S = 86_400
MOST_ROWS = 10_000
"""The oldest go: a stranger can make no table grow without end."""


class Attempts:
    """Safe from several threads. Methods raise TransientError. Times are seconds since the epoch."""

    def __init__(self, database: Database, most_rows: int = MOST_ROWS) -> None:
        self._database = database
        self._most_rows = most_rows

    def begin(self, name: str, address: str, now: float) -> float:
        """0: look at the password; it counts as failed until `succeeded`. Else the seconds that it must wait."""
        with self._database.connection(writes=True) as connection, transaction(connection):
            waits = [self._begin(connection, kind, text, now) for kind, text in _keys(name, address)]
        self._prune(now)
        return max(waits)

    def succeeded(self, name: str, address: str) -> None:
        keys = [_key(kind, text) for kind, text in _keys(name, address)]
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.key.in_(keys)))

    def _begin(self, connection: sa.Connection, kind: str, text: str, now: float) -> float:
        key = _key(kind, text)
        insert = self._database.insert(ATTEMPTS).values(key=key, failures=1, last_at=now, next_at=now)
        failures = ATTEMPTS.c.failures + 1
        counted = insert.on_conflict_do_update(
            index_elements=["key"],
            set_={"failures": failures, "last_at": now, "next_at": now + _pause(failures, LONGEST_S[kind])},
            where=ATTEMPTS.c.next_at <= now,
        ).returning(ATTEMPTS.c.failures)
        if connection.execute(counted).scalar() is not None:
            return 0.0
        next_at: float = connection.execute(sa.select(ATTEMPTS.c.next_at).where(ATTEMPTS.c.key == key)).scalar_one()
        return next_at - now

    def _prune(self, now: float) -> None:
        surplus = sa.select(ATTEMPTS.c.last_at).order_by(ATTEMPTS.c.last_at.desc()).offset(self._most_rows).limit(1)
        too_old = sa.func.coalesce(surplus.scalar_subquery(), now - REMEMBERED_S)
        old = sa.or_(ATTEMPTS.c.last_at < now - REMEMBERED_S, ATTEMPTS.c.last_at <= too_old)
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.delete(ATTEMPTS).where(old))


def _pause(failures: sa.ColumnElement[int], longest_s: int) -> sa.ColumnElement[float]:
    """After FREE failures 1 s, and twice as long each time."""
    steps = [(failures <= FREE, 0.0)]
    pause_s, count = 1, FREE + 1
    while pause_s < longest_s:
        steps.append((failures <= count, float(pause_s)))
        pause_s, count = 2 * pause_s, count + 1
    return sa.case(*steps, else_=float(longest_s))


def _keys(name: str, address: str) -> Iterable[tuple[str, str]]:
    return (("address", address), ("name", name))


def _key(kind: str, text: str) -> str:
    """A hash: what is typed as a name by mistake may be a password."""
    return f"{kind}:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"
