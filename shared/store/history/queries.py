"""Asks the history: find an upload, follow it, list many. Only reads."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from shared.errors import PermanentError
from shared.store.history.step import Outcome, Step
from shared.store.history.tables import STEPS, UPLOADS, Database
from shared.store.history.upload import State, Upload
from shared.text.outside import identifier, storable

STEP_FIELDS = tuple(Step.__dataclass_fields__)
UPLOAD_FIELDS = tuple(Upload.__dataclass_fields__)

NO_HISTORY = (
    "no history is kept in this database: let `python -m console history` run beside the workers, "
    "with their AMQP_URL and DATABASE_URL; what happened before it first ran is not known"
)

_AT_ONCE = {Outcome.RECEIVED: 0, Outcome.DEAD: 2}
"""The order of steps at one time: a webhook's is in whole seconds, a death may have that of the step before it."""


class NoHistoryError(PermanentError):
    """No projector ever ran with this database."""


class Queries:
    """Methods raise TransientError, or NoHistoryError with what to do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, text: str, limit: int) -> list[Upload]:
        """Those with this text in their title, in any case, or with this id: of file, event, message or upload.

        The latest come first.
        """
        named = sa.func.instr if self._database.is_sqlite else sa.func.strpos
        fits = named(UPLOADS.c.title_folded, storable(text).casefold()) > 0
        # first from the index alone, which holds time and title: PostgreSQL would look at every row on its way
        times = sa.select(UPLOADS.c.last_at).where(fits).order_by(UPLOADS.c.last_at.desc()).limit(limit)
        titled = self._uploads(UPLOADS.c.last_at.in_(times), fits, limit=limit)
        found = {upload.correlation_id: upload for upload in (*self.with_id(text, limit), *titled)}
        return sorted(found.values(), key=lambda upload: upload.last_at, reverse=True)[:limit]

    def with_id(self, name: str, limit: int) -> list[Upload]:
        """Those with this id, of file, event, message or upload; several where a file has several uploads."""
        name = identifier(name)
        steps = [
            sa.select(STEPS.c.correlation_id).where(column == name)
            for column in (STEPS.c.message_id, STEPS.c.event_id, STEPS.c.file_id, STEPS.c.correlation_id)
        ]
        return self._uploads(UPLOADS.c.correlation_id.in_(sa.union(*steps)), limit=limit)

    def timeline(self, correlation_id: str) -> list[Step]:
        """All steps of one upload, in the order they happened."""
        query = steps_where(STEPS.c.correlation_id == identifier(correlation_id)).order_by(STEPS.c.at)
        steps = [step_from(row) for row in self._rows(query)]
        return sorted(steps, key=lambda step: (step.at, _AT_ONCE.get(step.outcome, 1)))

    def latest(
        self, *, state: State | None = None, since: float | None = None, room: str | None = None, limit: int
    ) -> list[Upload]:
        """The latest first; `since` is when their last step was, seconds since the epoch."""
        wanted = [
            *([UPLOADS.c.state == state] if state else []),
            *([UPLOADS.c.last_at >= since] if since is not None else []),
            *([UPLOADS.c.room == identifier(room)] if room else []),
        ]
        return self._uploads(*wanted, limit=limit)

    def _uploads(self, *wanted: sa.ColumnElement[bool], limit: int) -> list[Upload]:
        query = (
            sa.select(*(UPLOADS.c[name] for name in UPLOAD_FIELDS))
            .where(*wanted)
            .order_by(UPLOADS.c.last_at.desc())
            .limit(limit)
        )
        return [_upload_from(row) for row in self._rows(query)]

    def _rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        if not self._database.has_history():
            raise NoHistoryError(NO_HISTORY)
        with self._database.connection() as connection:
            return connection.execute(query).all()


def steps_where(*wanted: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(*(STEPS.c[name] for name in STEP_FIELDS)).where(*wanted)


def step_from(row: sa.Row[Any]) -> Step:
    return Step(**{**row._mapping, "outcome": Outcome(row.outcome)})  # noqa: SLF001 - SQLAlchemy's public name


def _upload_from(row: sa.Row[Any]) -> Upload:
    return Upload(**{**row._mapping, "state": State(row.state)})  # noqa: SLF001 - as above
