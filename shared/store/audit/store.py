"""Keeps the audit in the ledger's database. A row is written before what it tells of is done, and its result after.

Methods raise TransientError. Times are seconds since the epoch.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from shared.store.audit.versions import AUDIT
from shared.store.ledger.connection import Database
from shared.text.outside import storable

_ROWS = sa.Table(
    "audit",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("through", sa.Text, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("filter", sa.Text, nullable=False),  # JSON
    sa.Column("count", sa.Integer),
    sa.Column("result", sa.Text),  # NULL: not ended, or the process ended with it
    sa.Column("ended_at", sa.Double),
)
PRUNE_BATCH = 500
"""The most rows that one statement deletes, as in the ledger."""


class Through(StrEnum):
    WEB = "web"
    COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Person:
    """Who does something, and through what."""

    name: str
    through: Through

    def __str__(self) -> str:
        return f"{self.name} ({self.through})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    id: str
    at: float
    who: str
    through: Through
    verb: str
    target: str
    """What it was done to, as a person calls it."""
    filter: dict[str, Any]
    count: int | None
    """To how many."""
    result: str | None
    """None: it has not ended, or its process was killed."""
    ended_at: float | None


class AuditStore:
    """`database_url` as the ledger takes it. Connects on first use, and makes its table then."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, AUDIT)

    def close(self) -> None:
        self._database.engine.dispose()

    def begin(
        self,
        by: Person,
        verb: str,
        target: str,
        filter_: Mapping[str, Any],
        count: int | None = None,
        *,
        entry_id: str | None = None,
    ) -> str:
        """Written before it is done; the row's id. Repeating it with one `entry_id` adds nothing."""
        row = {
            "id": entry_id or uuid4().hex,
            "at": self._database.now,
            "who": storable(by.name),
            "through": by.through.value,
            "verb": verb,
            "target": storable(target),
            "filter": json.dumps(filter_, sort_keys=True),
            "count": count,
        }
        with self._database.connection(writes=True) as connection:
            connection.execute(self._database.insert(_ROWS).values(row).on_conflict_do_nothing())
        return str(row["id"])

    def end(self, entry_id: str, result: str) -> None:
        """What came of it, in a few words. The last one stays: what was stopped may be resumed."""
        told = {"result": storable(result), "ended_at": self._database.now}
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.update(_ROWS).where(_ROWS.c.id == entry_id).values(told))

    def latest(self, limit: int, before: tuple[float, str] | None = None) -> list[Entry]:
        """The newest first; `before` is the time and id of the last one that was shown."""
        query = sa.select(_ROWS).order_by(_ROWS.c.at.desc(), _ROWS.c.id.desc()).limit(limit)
        if before is not None:
            at, entry_id = before
            query = query.where(sa.or_(_ROWS.c.at < at, sa.and_(_ROWS.c.at == at, _ROWS.c.id < entry_id)))
        with self._database.connection() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def prune(self, older_than_s: float) -> int:
        """Forget some rows of what was begun longer ago; how many. Fewer than PRUNE_BATCH: no more is left."""
        some = sa.select(_ROWS.c.id).where(_ROWS.c.at < self._database.now - older_than_s).limit(PRUNE_BATCH)
        with self._database.connection(writes=True) as connection:
            return connection.execute(sa.delete(_ROWS).where(_ROWS.c.id.in_(some))).rowcount


def _entry(row: sa.Row[Any]) -> Entry:
    told = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    return Entry(**{**told, "through": Through(row.through), "filter": json.loads(row.filter)})
