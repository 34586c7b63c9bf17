"""How a `Filter` is asked of the database: pages by key, and counts that end. It makes queries and runs none.

The order is that in which the uploads came in: a page stays what it was while their steps go on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shared.store.history import text_index
from shared.store.history.filter import Cursor, Filter
from shared.store.history.searched import folded, part_of, pattern
from shared.store.history.tables import UPLOADS
from shared.store.history.upload import Standing, State
from shared.text.outside import identifier

FEW = 2000
"""Uploads that are looked at one by one for a page of them. Of more, the newest are found sooner in their order."""

Condition = sa.ColumnElement[bool]
_U = UPLOADS.c


@dataclass(frozen=True, slots=True)
class Asked:
    """`few`: the words are in `FEW` uploads at most, as SQLite's index tells, and these alone are looked at."""

    filter: Filter
    is_sqlite: bool
    few: bool = False

    def hits(self) -> sa.Select[Any] | None:
        """How many uploads may hold the words, up to one more than FEW; None: SQLite's index cannot tell."""
        found = text_index.matching(self._parts())
        return None if found is None else sa.select(sa.func.count()).select_from(found.limit(FEW + 1).subquery())

    def page(self, cursor: Cursor | None, limit: int, *, newer: bool) -> sa.Select[Any]:
        """The rows of `limit` uploads next to the cursor, from it on: the newest first, with `newer` the oldest."""
        key = sa.tuple_(self._plain(_U.first_at), self._plain(_U.correlation_id))
        place = [] if cursor is None else [key > _values(cursor) if newer else key < _values(cursor)]
        parts = [
            sa.select(*UPLOADS.c).where(*wanted, *place).order_by(*_order(UPLOADS, newer=newer)).limit(limit)
            for wanted in self._alternatives()
        ]
        all_ = sa.union_all(*map(_apart, parts)).subquery()
        return sa.select(all_).order_by(*_order(all_, newer=newer)).limit(limit)

    def count(self, most: int) -> sa.Select[Any]:
        """How many there are, up to one more than `most`. In the order of a page, as that is how they are found."""
        parts = [
            sa.select(_U.first_at).where(*wanted).order_by(*_order(UPLOADS, newer=False)).limit(most + 1)
            for wanted in self._alternatives()
        ]
        return sa.select(sa.func.count()).select_from(sa.union_all(*map(_apart, parts)).limit(most + 1).subquery())

    def _alternatives(self) -> Iterator[list[Condition]]:
        """No upload fits two of them, and an index finds each."""
        common = list(self._common())
        for standing in self._standings():
            for texts in self._texts():
                yield [*standing, *texts, *common]

    def _standings(self) -> tuple[tuple[Condition, ...], ...]:
        """What `Upload.standing` says."""
        state, filed_at = self._plain(_U.state), _U.filed_at
        match self.filter.standing:
            case None:
                return ((),)
            case Standing.NEEDS_PERSON:
                return ((state == State.FAILED,),)
            case Standing.ON_ITS_WAY:
                return ((state == State.WAITING, filed_at.is_(None)),)
            case Standing.NOT_INVOICE:
                return ((state == State.SKIPPED, filed_at.is_(None)),)
            case Standing.FILED:
                return (
                    (state == State.FILED,),
                    (state == State.WAITING, filed_at.is_not(None)),
                    (state == State.SKIPPED, filed_at.is_not(None)),
                )

    def _texts(self) -> Iterator[list[Condition]]:
        """An earlier release's row has no more than its title, until it is renewed."""
        words = [part_of(word) for word in self.filter.words]
        if not self._parts():
            yield []
            return
        found = [self._holds(_U.searched, part) for part in words]
        if self.filter.room_title is not None:
            lines = f"%\n{pattern(folded(self.filter.room_title))}\n%\n%"
            found.append(_U.searched.like(lines, escape="/"))
        if self.few and (numbers := text_index.matching(self._parts())) is not None:
            named = sa.select(text_index.NUMBERS.c.correlation_id)
            found.append(_U.correlation_id.in_(named.where(text_index.NUMBERS.c.number.in_(numbers))))
        yield found
        if self.filter.room_title is None:
            titles = [self._holds(_U.title_folded, folded(word)) for word in self.filter.words]
            yield [_U.searched.is_(None), *titles]

    def _holds(self, column: sa.ColumnElement[str], part: str) -> Condition:
        """As each database is fastest at it: only LIKE finds PostgreSQL's index."""
        return sa.func.instr(column, part) > 0 if self.is_sqlite else column.like(pattern(part), escape="/")

    def _parts(self) -> list[str]:
        room = [] if self.filter.room_title is None else [folded(self.filter.room_title)]
        return [*map(part_of, self.filter.words), *room]

    def _common(self) -> Iterator[Condition]:
        asked, first_at = self.filter, self._plain(_U.first_at)
        if asked.room is not None:
            yield self._plain(_U.room) == identifier(asked.room)
        if asked.state is not None:
            yield self._plain(_U.state) == asked.state
        if asked.from_at is not None:
            yield first_at >= asked.from_at
        if asked.until_at is not None:
            yield first_at < asked.until_at

    def _plain(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """The column, through which no index is looked for where the words have found the few."""
        return sa.func.coalesce(column, None) if self.few else column


def _order(table: sa.FromClause, *, newer: bool) -> Iterator[sa.ColumnElement[Any]]:
    for column in (table.c.first_at, table.c.correlation_id):
        yield column.asc() if newer else column.desc()


def _apart(query: sa.Select[Any]) -> sa.Select[Any]:
    """SQLite takes no ORDER BY or LIMIT in a part of a union, but in a query of its own."""
    return sa.select(query.subquery())


def _values(cursor: Cursor) -> sa.Tuple:
    return sa.tuple_(sa.literal(cursor.first_at, sa.Double), sa.literal(identifier(cursor.correlation_id), sa.Text))
