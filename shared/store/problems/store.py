"""Keeps the problems in the ledger's database: what each look found, who acknowledged or silenced what.

Methods raise TransientError. Repeating each is safe. Times are seconds since the epoch, as they are given.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from shared.store.database import transaction
from shared.store.ledger.connection import Database
from shared.store.problems.known import Known, Seen, Silence
from shared.store.problems.tables import PROBLEMS, SILENCES, TOLD
from shared.store.problems.versions import PROBLEMS as PART
from shared.text.outside import storable

KEEP_S = 90 * 86_400.0
"""How long a closed problem is kept."""
_P = PROBLEMS.c


class ProblemStore:
    """`database_url` as the ledger takes it. Connects on first use, and makes its tables then."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, PART)

    def close(self) -> None:
        self._database.engine.dispose()

    def live(self) -> list[Known]:
        """Those of which somebody may have to hear yet; the oldest first."""
        query = sa.select(PROBLEMS).where(_P.closed_at.is_(None)).order_by(_P.first_seen_at, _P.id)
        with self._database.connection() as connection:
            return [_known(row) for row in connection.execute(query)]

    def observe(
        self,
        seen: Sequence[Seen],
        gone: Collection[str],
        now: float,
        *,
        lasts_s: float,
        quiet: Collection[str] = (),
    ) -> None:
        """What one look found, and which families it did not find any more.

        A problem starts once it has been there for `lasts_s`, if its family is not in `quiet`, and ends once it has
        been gone for as long. One that ends before it started is closed at once.
        """
        with self._database.connection(writes=True) as connection, transaction(connection):
            for each in seen:
                self._note(connection, each, now)
            is_open = _P.open_family.is_not(None)
            if gone:
                left = (_P.open_family.in_(gone), _P.gone_since.is_(None))
                connection.execute(sa.update(PROBLEMS).where(*left).values(gone_since=now))
            lasted = (is_open, _P.started_at.is_(None), _P.gone_since.is_(None), _P.first_seen_at <= now - lasts_s)
            loud = _P.family.not_in(list(quiet))
            connection.execute(sa.update(PROBLEMS).where(*lasted, loud).values(started_at=now))
            ended = sa.update(PROBLEMS).where(is_open, _P.gone_since <= now - lasts_s)
            unheard = sa.case((_P.started_at.is_(None), now), else_=None)
            connection.execute(ended.values(open_family=None, ended_at=_P.gone_since, closed_at=unheard))

    def _note(self, connection: sa.Connection, seen: Seen, now: float) -> None:
        told = {**asdict(seen), "effects": json.dumps(seen.effects)}
        facts = {name: storable(value) if isinstance(value, str) else value for name, value in told.items()}
        row = {"id": uuid4().hex, "open_family": seen.family, "first_seen_at": now, "last_seen_at": now, **facts}
        insert = self._database.insert(PROBLEMS).values(row)
        changed = {name: insert.excluded[name] for name in (*facts, "last_seen_at") if name != "since"}
        changed["since"] = sa.func.coalesce(_P.since, insert.excluded.since)
        connection.execute(
            insert.on_conflict_do_update(index_elements=["open_family"], set_={**changed, "gone_since": None})
        )

    def adopt(self, seen: Seen, began_at: float, told: Collection[str], now: float) -> None:
        """A problem of which these channels were told while it could not be kept."""
        row = {"id": uuid4().hex, "open_family": seen.family, **asdict(seen), "effects": json.dumps(seen.effects)}
        times = {"first_seen_at": began_at, "last_seen_at": now, "started_at": now}
        insert = self._database.insert(PROBLEMS).values({**row, **times})
        with self._database.connection(writes=True) as connection, transaction(connection):
            connection.execute(insert.on_conflict_do_nothing())
            problem = sa.select(_P.id).where(_P.open_family == seen.family).scalar_subquery()
            for channel in told:
                values = {"problem": problem, "what": "start", "channel": channel, "at": now}
                connection.execute(self._database.insert(TOLD).values(values).on_conflict_do_nothing())

    def close_problems(self, ids: Collection[str], now: float) -> None:
        """Nobody is to hear of these any more. What was closed long ago is forgotten."""
        old = sa.select(_P.id).where(_P.closed_at < now - KEEP_S)
        with self._database.connection(writes=True) as connection, transaction(connection):
            closed = sa.update(PROBLEMS).where(_P.id.in_(ids), _P.closed_at.is_(None), _P.ended_at.is_not(None))
            connection.execute(closed.values(closed_at=now))
            connection.execute(sa.delete(TOLD).where(TOLD.c.problem.in_(old)))
            connection.execute(sa.delete(PROBLEMS).where(_P.closed_at < now - KEEP_S))

    def acknowledge(self, family: str, by: str, now: float) -> bool:
        """False where none of it is open, or somebody did before."""
        open_ = (_P.open_family == family, _P.acknowledged_at.is_(None))
        told = {"acknowledged_by": storable(by), "acknowledged_at": now}
        with self._database.connection(writes=True) as connection:
            return connection.execute(sa.update(PROBLEMS).where(*open_).values(told)).rowcount > 0

    def silence(self, silence: Silence) -> None:
        """In place of the one that there is."""
        row = {**asdict(silence), "who": storable(silence.who), "why": storable(silence.why)}
        insert = self._database.insert(SILENCES).values(row)
        changed = {name: insert.excluded[name] for name in row if name != "family"}
        with self._database.connection(writes=True) as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["family"], set_=changed))

    def silences(self, now: float) -> dict[str, Silence]:
        """Those that hold now, by family."""
        query = sa.select(SILENCES).where(SILENCES.c.until > now)
        with self._database.connection() as connection:
            return {row.family: Silence(**row._mapping) for row in connection.execute(query)}  # noqa: SLF001 - SQLAlchemy's public name


def _known(row: sa.Row[Any]) -> Known:
    told = {name: value for name, value in row._mapping.items() if name != "open_family"}  # noqa: SLF001 - as above
    return Known(**{**told, "effects": tuple(json.loads(row.effects))})
