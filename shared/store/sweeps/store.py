"""The sweep's memory in the ledger's database. It decides nothing.

Methods raise TransientError, and only that. Repeating each is safe. Times are seconds since the epoch.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from shared.store.database import transaction
from shared.store.ledger.connection import Database
from shared.store.sweeps.tables import BASELINES, DUE, KNOWN, NOTES
from shared.store.sweeps.versions import SWEEPS

EVERY_PART = ""
"""What is known whatever a rule's titles are."""

ALL = "all"
"""The scope of every ruled room."""

BATCH = 500
"""Rows of one statement: milliseconds, for which other writers of SQLite wait."""


class Identity(NamedTuple):
    """One upload of one file. Its id alone may be another file's by now."""

    file_id: str
    version: int
    created: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """Of one room and one part of the rules."""

    since: float
    """What changed since then is no part of it."""
    begun_at: float
    done: bool
    """False: the room was not read to its end yet."""


@dataclass(frozen=True, slots=True)
class Due:
    """A pass that somebody has to make."""

    scope: str
    at: float
    """When events were hidden there last."""
    reason: str


class SweepStore:
    """`database_url` as the ledger takes it. Connects on first use, and makes its tables then."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, SWEEPS)
        self._insert = self._database.insert

    def close(self) -> None:
        self._database.engine.dispose()

    def baselines(self) -> dict[tuple[str, str], Baseline]:
        """By room and part."""
        with self._database.connection() as connection:
            rows = connection.execute(sa.select(BASELINES)).all()
        return {
            (row.room, row.part): Baseline(row.since, row.begun_at, done=row.done_at is not None) for row in rows
        }

    def begin_baseline(self, room: str, part: str, since: float, now: float) -> None:
        """One that is there stays as it is: a run that was broken off goes on with its `since`."""
        row = {"room": room, "part": part, "since": since, "begun_at": now}
        with self._database.connection(writes=True) as connection:
            connection.execute(self._insert(BASELINES).values(row).on_conflict_do_nothing())

    def raise_baseline(self, room: str, part: str, since: float) -> None:
        """Of one that is not done yet."""
        mine = (BASELINES.c.room == room, BASELINES.c.part == part, BASELINES.c.done_at.is_(None))
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.update(BASELINES).where(*mine).values(since=since))

    def end_baseline(self, room: str, part: str, now: float) -> None:
        with self._database.connection(writes=True) as connection:
            connection.execute(
                sa.update(BASELINES).where(BASELINES.c.room == room, BASELINES.c.part == part).values(done_at=now)
            )

    def know(self, room: str, part: str, files: Iterable[Identity]) -> None:
        rows = [{"room": room, "part": part, **each._asdict()} for each in files]
        for start in range(0, len(rows), BATCH):
            with self._database.connection(writes=True) as connection, transaction(connection):
                connection.execute(self._insert(KNOWN).on_conflict_do_nothing(), rows[start : start + BATCH])

    def known(self, room: str, file_ids: Collection[str]) -> Mapping[Identity, frozenset[str]]:
        """In which parts each upload of these files is known; EVERY_PART among them where in each."""
        if not file_ids:
            return {}
        query = sa.select(KNOWN).where(KNOWN.c.room == room, KNOWN.c.file_id.in_(file_ids))
        found: defaultdict[Identity, set[str]] = defaultdict(set)
        with self._database.connection() as connection:
            for row in connection.execute(query):
                found[Identity(row.file_id, row.version, row.created)].add(row.part)
        return {identity: frozenset(parts) for identity, parts in found.items()}

    def hide(self, scope: str, at: float, reason: str) -> None:
        """Events were hidden there. Of two times the later stays, with its reason."""
        insert = self._insert(DUE).values(scope=scope, at=at, reason=reason)
        later = insert.excluded.at > DUE.c.at
        with self._database.connection(writes=True) as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["scope"], set_={"at": at, "reason": reason}, where=later
                )
            )

    def due(self) -> tuple[Due, ...]:
        """The oldest first."""
        open_ = sa.or_(DUE.c.done_at.is_(None), DUE.c.done_at < DUE.c.at)
        with self._database.connection() as connection:
            rows = connection.execute(sa.select(DUE).where(open_).order_by(DUE.c.at, DUE.c.scope)).all()
        return tuple(Due(row.scope, row.at, row.reason) for row in rows)

    def looked(self, scopes: Collection[str], began_at: float) -> None:
        """A pass that began then has seen all of these; what was hidden later stays due."""
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.update(DUE).where(DUE.c.scope.in_(scopes)).values(done_at=began_at))

    def forget_looked(self, before: float) -> None:
        """Scopes that nothing is due of since then: a file that came late is asked about once."""
        done = sa.delete(DUE).where(DUE.c.done_at >= DUE.c.at, DUE.c.done_at < before)
        with self._database.connection(writes=True) as connection:
            connection.execute(done)

    def note(self, name: str) -> str | None:
        with self._database.connection() as connection:
            return connection.execute(sa.select(NOTES.c.value).where(NOTES.c.name == name)).scalar()

    def set_note(self, name: str, value: str) -> None:
        insert = self._insert(NOTES).values(name=name, value=value)
        with self._database.connection(writes=True) as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

    def drop_note(self, name: str) -> None:
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.delete(NOTES).where(NOTES.c.name == name))
