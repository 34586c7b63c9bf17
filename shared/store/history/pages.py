"""How a `Filter` is asked of the database: pages by key, and counts that end. It makes queries and runs none.

The order is that in which the uploads came in: a page stays what it was while their steps go on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import sqlalchemy as sa

from shared.store.history import marks, text_in_sqlite, text_index
from shared.store.history.filter import Cursor, Filter
from shared.store.history.searched import folded, part_of, pattern
from shared.store.history.tables import UPLOADS
from shared.store.history.upload import Standing, State
from shared.text.outside import identifier

NEAR = 10_000
"""Uploads that may be looked at one by one for words. Beyond these the text index finds those that have them."""

Condition = sa.ColumnElement[bool] | sa.TextClause
_U = UPLOADS.c
_BY_NUMBER = text_in_sqlite.NUMBERS.join(UPLOADS, _U.correlation_id == text_in_sqlite.NUMBERS.c.correlation_id)
_NUMBERED = text_in_sqlite.TEXT.join(_BY_NUMBER, text_in_sqlite.NUMBERS.c.number == text_in_sqlite.TEXT.c.rowid)
_N = text_in_sqlite.TEXT.c
SPAN = sa.select(sa.func.min(_U.first_at), sa.func.max(_U.first_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the order of pages is looked: next to the cursor, in one direction, and no further than `until`."""

    cursor: Cursor | None = None
    newer: bool = False
    until: float | None = None

    def conditions(self) -> Iterator[Condition]:
        if self.cursor is not None:
            key = sa.tuple_(_U.first_at, _U.correlation_id)
            yield key > _values(self.cursor) if self.newer else key < _values(self.cursor)
        if self.until is not None:
            yield _U.first_at <= self.until if self.newer else _U.first_at >= self.until


NEWEST = Place()


class _Among(Enum):
    """Which uploads an alternative is about."""

    ALL = auto()
    INDEXED = auto()
    """Those that the text index has."""
    OUTDATED = auto()
    """An earlier release's, which are not renewed yet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`by_text`: what holds the words is found by the text index. SQLite's has the uploads in their order."""

    filter: Filter
    is_sqlite: bool
    by_text: bool = False
    by_marks: bool = False
    """That index has marks, too."""
    span: tuple[float, float] | None = None
    """When the first and the last upload came in: PostgreSQL's marks name each month between two times."""

    @property
    def has_words(self) -> bool:
        return bool(self._parts())

    @property
    def indexed(self) -> bool:
        """Whether a text index can tell anything of these words."""
        return bool(self._pieces())

    def near(self, place: Place) -> sa.Select[Any]:
        """When the upload came in with which those that may be looked at one by one end; no row: all may be."""
        wanted = [*self._standings()[0][:1], *self._common(), *place.conditions()]
        order = _U.first_at.asc() if place.newer else _U.first_at.desc()
        return sa.select(_U.first_at).where(*wanted).order_by(order).offset(NEAR).limit(1)

    def page(self, place: Place, limit: int, numbers: Sequence[int] = ()) -> sa.Select[Any]:
        """The rows of so many uploads from the place on: the newest first, with `newer` the oldest.

        Where `has_numbers`, `numbers` is what the query of that name found.
        """
        parts = []
        for wanted, among in self._alternatives(place):
            if self.has_numbers and among is _Among.INDEXED:
                parts.append(self._numbered(wanted, place, limit, numbers))
                continue
            narrow = self.by_text and not self.is_sqlite  # PostgreSQL would sort whole rows, for twice as long
            columns = [_U.correlation_id] if narrow else UPLOADS.c
            part = sa.select(*columns).where(*wanted, *place.conditions())
            part = part.order_by(*_order_among(among, newer=place.newer)).limit(limit)
            parts.append(sa.select(*UPLOADS.c).where(_U.correlation_id.in_(part)) if narrow else part)
        all_ = sa.union_all(*map(_apart, parts)).subquery()
        return sa.select(all_).order_by(*_order(all_, newer=place.newer)).limit(limit)

    def newest(self, place: Place, limit: int, most: int) -> sa.Select[Any]:
        """The newest page, and in each row's `number` how many there are, up to one more than `most`.

        For PostgreSQL. Its text index finds all that hold the words before it knows the newest of them.
        """
        parts = []
        for wanted, among in self._alternatives(place):
            part = sa.select(_U.correlation_id, _U.first_at).where(*wanted, *place.conditions())
            if not self.by_text:
                part = part.order_by(*_order_among(among, newer=False)).limit(most + 1)
            parts.append(_apart(part))
        found = sa.union_all(*parts).cte("found").prefix_with("MATERIALIZED")
        first = sa.select(found.c.correlation_id).order_by(*_order(found, newer=False)).limit(limit)
        number = sa.select(sa.func.least(sa.func.count(), most + 1)).select_from(found).scalar_subquery()
        rows = sa.select(*UPLOADS.c, number.label("number")).where(_U.correlation_id.in_(first))
        return rows.order_by(*_order(UPLOADS, newer=False))

    def count(self, place: Place, most: int) -> sa.Select[Any]:
        """How many there are, up to one more than `most`.

        In the order of a page, as that is how they are found, unless the text index finds them.
        """
        parts = []
        for wanted, among in self._alternatives(place):
            part = sa.select(_U.first_at).where(*wanted, *place.conditions())
            if not self.by_text:
                part = part.order_by(*_order_among(among, newer=False))
            elif self.is_sqlite and among is _Among.INDEXED:
                part = part.select_from(_NUMBERED).where(self._matching(), *self._numbers(place))
            parts.append(part.limit(most + 1))
        return sa.select(sa.func.count()).select_from(sa.union_all(*map(_apart, parts)).limit(most + 1).subquery())

    @property
    def has_numbers(self) -> bool:
        """Whether SQLite's index is asked, which has the uploads by numbers in the order of seconds."""
        return self.is_sqlite and self.by_text

    def numbers(self, place: Place, limit: int) -> sa.Select[Any]:
        """Those of the first so many from the place on. Within a second they are in no order."""
        wanted = next(wanted for wanted, among in self._alternatives(place) if among is _Among.INDEXED)
        order = _N.rowid.asc() if place.newer else _N.rowid.desc()
        return (
            sa.select(_N.rowid)
            .select_from(_NUMBERED)
            .where(*self._held(wanted, place))
            .order_by(order)
            .limit(limit)
        )

    def _numbered(
        self, wanted: list[Condition], place: Place, limit: int, numbers: Sequence[int]
    ) -> sa.Select[Any]:
        """Where fewer than `limit` were found, these; else all of the last one's second are put in order."""
        if len(numbers) < limit:
            whole = sa.select(*UPLOADS.c).select_from(_BY_NUMBER)
            whole = whole.where(text_in_sqlite.NUMBERS.c.number.in_(numbers))
        else:
            second = numbers[-1] // text_in_sqlite.SECOND * text_in_sqlite.SECOND
            last = _N.rowid < second + text_in_sqlite.SECOND if place.newer else _N.rowid >= second
            whole = sa.select(*UPLOADS.c).select_from(_NUMBERED).where(*self._held(wanted, place), last)
        return whole.order_by(*_order(UPLOADS, newer=place.newer)).limit(limit)

    def _held(self, wanted: list[Condition], place: Place) -> list[Condition]:
        return [self._matching(), *self._numbers(place), *wanted, *place.conditions()]

    def _numbers(self, place: Place) -> Iterator[Condition]:
        """Between which numbers they must be, so that SQLite's index need not look at the others."""
        since, until = self._times(place)
        if since is not None:
            yield _N.rowid >= int(since) * text_in_sqlite.SECOND
        if until is not None:
            yield _N.rowid < (int(until) + 1) * text_in_sqlite.SECOND

    def _times(self, place: Place) -> tuple[float | None, float | None]:
        first_at = None if place.cursor is None else place.cursor.first_at
        since = [at for at in (self.filter.from_at, first_at if place.newer else None) if at is not None]
        until = [at for at in (self.filter.until_at, None if place.newer else first_at) if at is not None]
        return max(since, default=None), min(until, default=None)

    def _matching(self) -> Condition:
        if not self.by_marks:
            return text_in_sqlite.matching(self._pieces())
        room = self.filter.room
        of_room = None if room is None else identifier(room)
        return text_in_sqlite.matching(self._pieces(), marks.fates(self.filter), of_room)

    def _marked(self, place: Place) -> Iterator[sa.TextClause]:
        """What PostgreSQL's index finds by its marks."""
        if self.is_sqlite or not (self.by_text and self.by_marks):
            return
        if fates := marks.fates(self.filter):
            yield _marked_one_of("fates", fates)
        if room := marks.room(self.filter):
            yield _marked_one_of("room", [room])
        since, until = self._times(place)
        if self.span is not None and (since is not None or until is not None):
            first, last = self.span
            yield _marked_one_of("months", marks.months(max(first, since or first), min(last, until or last)))

    def _alternatives(self, place: Place) -> Iterator[tuple[list[Condition], _Among]]:
        """No upload fits two of them, and an index finds each."""
        common = list(self._common())
        standings: Iterable[Iterable[Condition]] = self._standings()
        if (
            self.by_text and self.filter.standing is not None
        ):  # the index has no use for them apart, and would be asked for each
            standings = [[sa.or_(*(sa.and_(*each) for each in standings))]]
        for standing in standings:
            for texts, among in self._texts():
                marked = self._marked(place) if among is _Among.INDEXED else ()
                yield [*standing, *texts, *marked, *common], among

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

    def _texts(self) -> Iterator[tuple[list[Condition], _Among]]:
        """An earlier release's row has no more than its title, until it is renewed."""
        words = [part_of(word) for word in self.filter.words]
        if not self._parts():
            yield [], _Among.ALL
            return
        text = self._plain(_U.searched)
        found = [self._holds(text, part) for part in words]
        if self.filter.room_title is not None:
            lines = f"%\n{pattern(folded(self.filter.room_title))}\n%\n%"
            found.append(text.like(lines, escape="/"))
        if self.by_text and not self.is_sqlite:
            found += [_U.searched.like(pattern(piece), escape="/") for piece in self._pieces()]
        yield found, _Among.INDEXED
        if self.filter.room_title is None:
            titles = [self._holds(_U.title_folded, folded(word)) for word in self.filter.words]
            yield [_U.searched.is_(None), *titles], _Among.OUTDATED

    def _holds(self, column: sa.ColumnElement[str], part: str) -> Condition:
        """As each database is fastest at it: only LIKE finds PostgreSQL's index."""
        return sa.func.instr(column, part) > 0 if self.is_sqlite else column.like(pattern(part), escape="/")

    def _pieces(self) -> tuple[str, ...]:
        """The longest word's first: few have it, and PostgreSQL then passes over most of what has the others."""
        return text_index.pieces(sorted(self._parts(), key=len, reverse=True))

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
        """The column, through which no other index is looked for where the text index has found them."""
        return sa.func.coalesce(column, None) if self.by_text else column


def _marked_one_of(name: str, some: Sequence[str]) -> sa.TextClause:
    return sa.text(f"{marks.IN_POSTGRESQL} && CAST(:{name} AS text[])").bindparams(sa.bindparam(name, list(some)))


def _order(table: sa.FromClause, *, newer: bool) -> Iterator[sa.ColumnElement[Any]]:
    for column in (table.c.first_at, table.c.correlation_id):
        yield column.asc() if newer else column.desc()


def _order_among(among: _Among, *, newer: bool) -> Iterator[sa.ColumnElement[Any]]:
    """The few outdated ones are found by their own index: SQLite would look at all in the order of another."""
    for column in (_U.first_at, _U.correlation_id):
        by = sa.func.coalesce(column, None) if among is _Among.OUTDATED else column
        yield by.asc() if newer else by.desc()


def _apart(query: sa.Select[Any]) -> sa.Select[Any]:
    """SQLite takes no ORDER BY or LIMIT in a part of a union, but in a query of its own."""
    return sa.select(query.subquery())


def _values(cursor: Cursor) -> sa.Tuple:
    return sa.tuple_(sa.literal(cursor.first_at, sa.Double), sa.literal(identifier(cursor.correlation_id), sa.Text))
