"""Asks the history: find an upload, follow it, list many. Only reads."""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from shared.errors import PermanentError
from shared.store.history.counted import Hour, RoomSummary, bars, of_hours, of_rooms, summaries, titles_of_rooms
from shared.store.history.filter import Cursor, Filter, Page
from shared.store.history.pages import NEWEST, SPAN, Asked, Place
from shared.store.history.step import Outcome, Step
from shared.store.history.tables import STEPS, UPLOADS, Database
from shared.store.history.text_index import planned
from shared.store.history.upload import State, Upload
from shared.text.outside import identifier, storable

STEP_FIELDS = tuple(Step.__dataclass_fields__)
UPLOAD_FIELDS = tuple(Upload.__dataclass_fields__)

NO_HISTORY = (
    "no history is kept in this database: let `python -m console history` run beside the workers, "
    "with their AMQP_URL and DATABASE_URL; what happened before it first ran is not known"
)

_SHORT_ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,27}")
"""The beginning of an upload's own id."""

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
        """Those with this id, of file, event, message or upload; several where a file has several uploads.

        The first 8 or more characters of an upload's own id will do. A message's or an event's is known as long as
        the steps are.
        """
        name = identifier(name)
        named = [
            sa.select(column.table.c.correlation_id).where(column == name)
            for column in (STEPS.c.message_id, STEPS.c.event_id, STEPS.c.file_id, STEPS.c.correlation_id)
        ]
        kept = [UPLOADS.c.correlation_id == name, UPLOADS.c.file_id == name]  # longer than its steps
        if _SHORT_ID.fullmatch(name):
            kept.append(_begins_with(name))
        named += [sa.select(UPLOADS.c.correlation_id).where(wanted) for wanted in kept]
        return self._uploads(UPLOADS.c.correlation_id.in_(sa.union(*named)), limit=limit)

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

    def page(
        self, filter_: Filter, *, before: Cursor | None = None, after: Cursor | None = None, limit: int
    ) -> Page:
        """The newest that fit, or those older than `before`, or newer than `after`."""
        newer, cursor = after is not None, before if after is None else after
        asked, place = Asked(filter_, self._database.is_sqlite), Place(cursor=cursor, newer=newer)
        near = self._near(asked, place)
        rows = self._found_near(asked, near, limit + 1) if near else self._rows_of(asked, place, limit + 1)
        if rows is None:
            rows = self._rows_of(self._by_text(asked), place, limit + 1)
        return self._page(rows, limit, cursor, newer=newer)

    def newest(self, filter_: Filter, *, limit: int, most: int) -> tuple[Page, int]:
        """The newest page, and how many fit; `most` + 1 means more.

        As `page` and `count` tell, and sooner: what takes long is asked once.
        """
        asked = Asked(filter_, self._database.is_sqlite)
        near = None if asked.is_sqlite else self._near(asked, NEWEST)
        if near is None:
            page = self.page(filter_, limit=limit)
            return page, len(page.uploads) if page.is_all else self.count(filter_, most)
        rows = self._asked(asked, asked.newest(near, limit + 1, most))
        number = rows[0].number if rows else 0
        if len(rows) <= limit:
            by_text = self._by_text(asked)
            rows = self._asked(by_text, by_text.newest(NEWEST, limit + 1, most))
            number = rows[0].number if rows else 0
        elif number <= most:  # a count ends sooner than a page: whatever it finds first is counted
            number = self._number(self._by_text(asked), NEWEST, most)
        return self._page(rows, limit, None, newer=False), number

    @staticmethod
    def _page(rows: Sequence[sa.Row[Any]], limit: int, cursor: Cursor | None, *, newer: bool) -> Page:
        found = [upload_from(row) for row in rows]
        more, found = len(found) > limit, found[:limit]
        if newer:
            found.reverse()
        first, last = (Cursor.of(found[0]), Cursor.of(found[-1])) if found else (None, None)
        has_newer, has_older = (more, True) if newer else (cursor is not None, more)
        return Page(tuple(found), last if has_older else None, first if has_newer else None)

    def count(self, filter_: Filter, most: int = 1000) -> int:
        """How many fit; `most` + 1 means more."""
        asked = Asked(filter_, self._database.is_sqlite)
        near = self._near(asked, NEWEST)
        if near is None:
            return self._number(asked, NEWEST, most)
        if not asked.is_sqlite and (count := self._number(asked, near, most)) > most:
            return count
        return self._number(self._by_text(asked), NEWEST, most)

    def rooms(self, since: float) -> list[RoomSummary]:
        """Those to which something was uploaded since, in seconds since the epoch; the latest first."""
        rows = self._rows(of_rooms(since))
        rooms = sorted({row.room for row in rows})
        titles = self._rows(titles_of_rooms(rooms, since)) if rooms else []
        return summaries(rows, dict(map(tuple, titles)))

    def hours(self, since: float) -> list[Hour]:
        """What became of the uploads of each hour that had some, from that of `since` on."""
        return bars(self._rows(of_hours(since, is_sqlite=self._database.is_sqlite)))

    def _found_near(self, asked: Asked, near: Place, limit: int) -> Sequence[sa.Row[Any]] | None:
        """None: there are not so many. SQLite's index has them in order, so it is asked for all at once."""
        if asked.is_sqlite:
            return None
        rows = self._rows_of(asked, near, limit)
        return rows if len(rows) == limit else None

    def _rows_of(self, asked: Asked, place: Place, limit: int) -> Sequence[sa.Row[Any]]:
        numbers = self._asked(asked, asked.numbers(place, limit)) if asked.has_numbers else ()
        return self._asked(asked, asked.page(place, limit, [row[0] for row in numbers]))

    def _near(self, asked: Asked, place: Place) -> Place | None:
        """The part of it in which uploads may be looked at one by one for words; None: all of it, or it must be."""
        if not asked.has_words or not asked.indexed or self._database.without_text_index():
            return None
        rows = self._rows(asked.near(place))
        return replace(place, until=rows[0][0]) if rows else None

    def _by_text(self, asked: Asked) -> Asked:
        by_text = replace(asked, by_text=True, by_marks=self._database.has_marks())
        if asked.is_sqlite or not by_text.by_marks:
            return by_text
        span = tuple(self._rows(SPAN)[0])
        return by_text if None in span else replace(by_text, span=span)

    def _number(self, asked: Asked, place: Place, most: int) -> int:
        return int(self._asked(asked, asked.count(place, most))[0][0])

    def _uploads(self, *wanted: sa.ColumnElement[bool], limit: int) -> list[Upload]:
        query = (
            sa.select(*(UPLOADS.c[name] for name in UPLOAD_FIELDS))
            .where(*wanted)
            .order_by(UPLOADS.c.last_at.desc())
            .limit(limit)
        )
        return [upload_from(row) for row in self._rows(query)]

    def _asked(self, asked: Asked, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        if not asked.has_words:
            return self._rows(query)
        with self._connection() as connection, planned(connection, by_index=asked.by_text):
            return connection.execute(query).all()

    def _rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with self._connection() as connection:
            return connection.execute(query).all()

    def _connection(self) -> AbstractContextManager[sa.Connection]:
        if not self._database.has_history():
            raise NoHistoryError(NO_HISTORY)
        return self._database.connection()


def steps_where(*wanted: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(*(STEPS.c[name] for name in STEP_FIELDS)).where(*wanted)


def step_from(row: sa.Row[Any]) -> Step:
    return Step(**{**row._mapping, "outcome": Outcome(row.outcome)})  # noqa: SLF001 - SQLAlchemy's public name


def upload_from(row: sa.Row[Any]) -> Upload:
    told = row._mapping  # noqa: SLF001 - as above
    return Upload(**{**{name: told[name] for name in UPLOAD_FIELDS}, "state": State(row.state)})


def _begins_with(name: str) -> sa.ColumnElement[bool]:
    """The range is found by the index in every collation: only digits and letters up to f follow in an id."""
    column = UPLOADS.c.correlation_id
    return sa.and_(column >= name, column < f"{name}g", column.startswith(name))
