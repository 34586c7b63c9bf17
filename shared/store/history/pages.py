"""How a `Filter` is asked of the database: pages by key, and counts that end. It makes queries and runs none.

The order is that in which the uploads came in: a page stays what it was while their steps go on.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from shared.store.history.filter import Cursor, Filter
from shared.store.history.tables import UPLOADS
from shared.store.history.upload import Standing, State
from shared.text.outside import identifier, storable

Condition = sa.ColumnElement[bool]
_U = UPLOADS.c
_TEXT = sa.func.coalesce(_U.searched, _U.title_folded)
"""An earlier release's row has no more than its title, until the projector renews it."""
_BRANCHES: dict[Standing, tuple[tuple[Condition, ...], ...]] = {
    Standing.NEEDS_PERSON: ((_U.state == State.FAILED,),),
    Standing.ON_ITS_WAY: ((_U.state == State.WAITING, _U.filed_at.is_(None)),),
    Standing.NOT_INVOICE: ((_U.state == State.SKIPPED, _U.filed_at.is_(None)),),
    Standing.FILED: (
        (_U.state == State.FILED,),
        (_U.state.in_([State.WAITING, State.SKIPPED]), _U.filed_at.is_not(None)),
    ),
}
"""What `Upload.standing` says, as alternatives that an index each finds."""


def page(filter_: Filter, cursor: Cursor | None, limit: int, *, newer: bool, is_sqlite: bool) -> sa.Select[Any]:
    """The rows of `limit` uploads next to the cursor, from it on: the newest first, or with `newer` the oldest."""
    key = sa.tuple_(_U.first_at, _U.correlation_id)
    place = [] if cursor is None else [key > _values(cursor) if newer else key < _values(cursor)]
    directed = (
        (_U.first_at.asc(), _U.correlation_id.asc()) if newer else (_U.first_at.desc(), _U.correlation_id.desc())
    )
    parts = [
        sa.select(*UPLOADS.c).where(*wanted, *place).order_by(*directed).limit(limit)
        for wanted in alternatives(filter_, is_sqlite=is_sqlite)
    ]
    if len(parts) == 1:
        return parts[0]
    all_ = sa.union_all(*map(_apart, parts)).subquery()
    first_at, correlation_id = all_.c.first_at, all_.c.correlation_id
    order = (first_at.asc(), correlation_id.asc()) if newer else (first_at.desc(), correlation_id.desc())
    return sa.select(all_).order_by(*order).limit(limit)


def count(filter_: Filter, most: int, *, is_sqlite: bool) -> sa.Select[Any]:
    """How many there are, up to one more than `most`."""
    parts = [
        sa.select(sa.literal(1).label("one")).where(*wanted).select_from(UPLOADS).limit(most + 1)
        for wanted in alternatives(filter_, is_sqlite=is_sqlite)
    ]
    return sa.select(sa.func.count()).select_from(sa.union_all(*map(_apart, parts)).limit(most + 1).subquery())


def alternatives(filter_: Filter, *, is_sqlite: bool) -> Iterator[list[Condition]]:
    """No upload fits two of them."""
    common = list(_common(filter_, is_sqlite=is_sqlite))
    for branch in _BRANCHES[filter_.standing] if filter_.standing else ((),):
        yield [*branch, *common]


def _common(filter_: Filter, *, is_sqlite: bool) -> Iterator[Condition]:
    named = sa.func.instr if is_sqlite else sa.func.strpos
    for word in filter_.words:
        yield named(_TEXT, folded(word)) > 0
    if filter_.room is not None:
        yield _U.room == identifier(filter_.room)
    if filter_.room_title is not None:
        part = folded(filter_.room_title).replace("/", "//").replace("%", "/%").replace("_", "/_")
        yield _U.searched.like(f"%\n%{part}%\n%", escape="/")
    if filter_.state is not None:
        yield _U.state == filter_.state
    if filter_.from_at is not None:
        yield _U.first_at >= filter_.from_at
    if filter_.until_at is not None:
        yield _U.first_at < filter_.until_at


def _apart(query: sa.Select[Any]) -> sa.Select[Any]:
    """SQLite takes no ORDER BY or LIMIT in a part of a union, but in a query of its own."""
    return sa.select(query.subquery())


def folded(text: str) -> str:
    """As it is searched: in any case, on one line."""
    return storable(text).casefold().replace("\n", " ")


def _values(cursor: Cursor) -> sa.Tuple:
    return sa.tuple_(sa.literal(cursor.first_at, sa.Double), sa.literal(identifier(cursor.correlation_id), sa.Text))
