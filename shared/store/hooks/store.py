"""Keeps how each endpoint stands, and its last attempts. Methods raise TransientError; repeating them is safe."""

from dataclasses import asdict
from uuid import uuid4

import sqlalchemy as sa

from shared.store.database import transaction
from shared.store.hooks.standing import Attempt, Standing
from shared.store.hooks.tables import ATTEMPTS, ENDPOINTS
from shared.store.hooks.versions import HOOKS
from shared.store.ledger.connection import Database
from shared.text.outside import storable

KEPT = 50
"""Attempts of each endpoint that are kept."""
_E, _A = ENDPOINTS.c, ATTEMPTS.c


class HookStore:
    """`database_url` as the ledger takes it. For many threads. Connects on first use, and makes its tables then."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, HOOKS)

    def close(self) -> None:
        self._database.engine.dispose()

    def know(self, name: str) -> None:
        """An endpoint of that name is served."""
        with self._database.connection(writes=True) as connection:
            self._make(connection, name)

    def forget(self, name: str) -> None:
        """The rules no longer name it."""
        with self._database.connection(writes=True) as connection, transaction(connection):
            connection.execute(sa.delete(ENDPOINTS).where(_E.name == name))
            connection.execute(sa.delete(ATTEMPTS).where(_A.endpoint == name))

    def standings(self) -> dict[str, Standing]:
        """Of those that are served, by name."""
        with self._database.connection() as connection:
            rows = connection.execute(sa.select(ENDPOINTS).order_by(_E.name)).mappings().all()
        return {row["name"]: Standing(**row) for row in rows}

    def attempted(self, attempt: Attempt) -> Standing:
        """Keep the attempt, and KEPT of its endpoint. Returns how that stands now."""
        row = {"id": uuid4().hex, **asdict(attempt), "answer": storable(attempt.answer)}
        failing = None if attempt.accepted else sa.func.coalesce(_E.failing_since, attempt.at)
        changed = {"failing_since": failing, **({"accepted_at": attempt.at} if attempt.accepted else {})}
        own = _A.endpoint == attempt.endpoint
        newest = sa.select(_A.id).where(own).order_by(_A.at.desc(), _A.id).limit(KEPT)
        mine = _E.name == attempt.endpoint
        with self._database.connection(writes=True) as connection, transaction(connection):
            self._make(connection, attempt.endpoint)
            connection.execute(sa.update(ENDPOINTS).where(mine).values(changed))  # others of it wait for this row
            connection.execute(sa.insert(ATTEMPTS).values(row))
            connection.execute(sa.delete(ATTEMPTS).where(own, _A.id.not_in(newest)))
            found = connection.execute(sa.select(ENDPOINTS).where(mine)).mappings().one()
        return Standing(**found)

    def attempts(self, name: str) -> list[Attempt]:
        """The last ones, the latest first."""
        query = sa.select(ATTEMPTS).where(_A.endpoint == name).order_by(_A.at.desc(), _A.id)
        with self._database.connection() as connection:
            rows = connection.execute(query).mappings().all()
        return [Attempt(**{key: value for key, value in row.items() if key != "id"}) for row in rows]

    def missed(self, name: str, happened_at: float) -> None:
        """It was not sent an event of that time. A repeat counts again."""
        since = sa.case((_E.missed_since < happened_at, _E.missed_since), else_=happened_at)
        with self._database.connection(writes=True) as connection, transaction(connection):
            self._make(connection, name)
            values = {"missed": _E.missed + 1, "missed_since": since}
            connection.execute(sa.update(ENDPOINTS).where(_E.name == name).values(values))

    def looked_after(self, name: str, missed: int) -> None:
        """The so many that it had missed were sent, or are not wanted. If it missed more since, all stay."""
        with self._database.connection(writes=True) as connection:
            values = {"missed": 0, "missed_since": None}
            connection.execute(sa.update(ENDPOINTS).where(_E.name == name, _E.missed == missed).values(values))

    def disable(self, name: str, by: str, why: str, at: float) -> bool:
        """False where it is disabled already."""
        values = {"disabled_at": at, "disabled_by": storable(by), "disabled_why": storable(why)}
        with self._database.connection(writes=True) as connection, transaction(connection):
            self._make(connection, name)
            enabled = (_E.name == name, _E.disabled_at.is_(None))
            return connection.execute(sa.update(ENDPOINTS).where(*enabled).values(values)).rowcount > 0

    def enable(self, name: str) -> bool:
        """False where it is enabled. Its age of failing begins anew."""
        values = {"disabled_at": None, "disabled_by": None, "disabled_why": None, "failing_since": None}
        disabled = (_E.name == name, _E.disabled_at.is_not(None))
        with self._database.connection(writes=True) as connection:
            return connection.execute(sa.update(ENDPOINTS).where(*disabled).values(values)).rowcount > 0

    def _make(self, connection: sa.Connection, name: str) -> None:
        row = self._database.insert(ENDPOINTS).values({"name": name, "missed": 0})
        connection.execute(row.on_conflict_do_nothing())
