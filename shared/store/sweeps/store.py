"""The sweep's memory in the ledger's database. It decides nothing.

Methods raise only TransientError. Repeating each is safe. Times are seconds since the epoch.
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
"""The part for files that are known whatever titles the rules have."""

ALL = "all"
"""The scope that is every room with a rule."""

BATCH = 500
"""The most rows in one transaction. Other writers of SQLite then wait for milliseconds only."""


class Identity(NamedTuple):
    """One upload of one file. The id alone is not enough: another file may have it by now."""

    file_id: str
    version: int
    created: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """Which files were in a room before, for one part of the rules: the sweep leaves them alone."""

    since: float
    """Files that changed later are not part of it."""
    begun_at: float
    done: bool
    """False while the room is not yet read to its end."""


@dataclass(frozen=True, slots=True)
class Due:
    """A pass of the sweep that is due."""

    scope: str
    at: float
    """When events were last hidden there."""
    reason: str


class SweepStore:
    """`database_url` is as for `Ledger`. Connects on first use, and makes its tables then."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, SWEEPS)
        self._insert = self._database.insert

    def close(self) -> None:
        self._database.engine.dispose()

    def baselines(self) -> dict[tuple[str, str], Baseline]:
        """Each baseline by its room and part."""
        with self._database.connection() as connection:
            rows = connection.execute(sa.select(BASELINES)).all()
        return {
            (row.room, row.part): Baseline(row.since, row.begun_at, done=row.done_at is not None) for row in rows
        }

    def begin_baseline(self, room: str, part: str, since: float, now: float) -> None:
        """A baseline that exists stays as it is, so a run that was broken off goes on with its `since`."""
        row = {"room": room, "part": part, "since": since, "begun_at": now}
        with self._database.connection(writes=True) as connection:
            connection.execute(self._insert(BASELINES).values(row).on_conflict_do_nothing())

    def raise_baseline(self, room: str, part: str, since: float) -> None:
        """Change `since` of a baseline that is not done yet."""
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
        """The parts in which each upload of these files is known. EVERY_PART stands for all of them."""
        if not file_ids:
            return {}
        query = sa.select(KNOWN).where(KNOWN.c.room == room, KNOWN.c.file_id.in_(file_ids))
        found: defaultdict[Identity, set[str]] = defaultdict(set)
        with self._database.connection() as connection:
            for row in connection.execute(query):
                found[Identity(row.file_id, row.version, row.created)].add(row.part)
        return {identity: frozenset(parts) for identity, parts in found.items()}

    def hide(self, scope: str, at: float, reason: str) -> None:
        """Remember that events were hidden in `scope`. The latest time stays, with its reason."""
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
        """A pass that began at `began_at` has seen these scopes. What was hidden later stays due."""
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.update(DUE).where(DUE.c.scope.in_(scopes)).values(done_at=began_at))

    def forget_looked(self, before: float) -> None:
        """Delete scopes whose last pass began before `before` and that are not due."""
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
