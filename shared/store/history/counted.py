"""Uploads counted by room and by hour: the queries, and what their rows add up to. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shared.store.history.tables import UPLOADS
from shared.store.history.upload import Standing, State, standing_of

HOUR_S = 3600
_U = UPLOADS.c
_IS_FILED = _U.filed_at.is_not(None).label("is_filed")


@dataclass(frozen=True, slots=True)
class RoomSummary:
    room: str
    """Its id."""
    title: str | None
    """As it was told last."""
    last_at: float
    """When the last upload came in, in seconds since the epoch."""
    uploads_by_state: Mapping[State, int]
    uploads_by_standing: Mapping[Standing, int]


@dataclass(frozen=True, slots=True)
class Hour:
    """By `Standing`: who was not told yet is filed all the same."""

    start: float
    """A whole hour of UTC, in seconds since the epoch."""
    filed: int = 0
    waiting: int = 0
    failed: int = 0
    skipped: int = 0


def of_rooms(since: float) -> sa.Select[Any]:
    """Found by their time: SQLite would else go through all uploads in the order of their rooms."""
    room = sa.func.coalesce(_U.room, None).label("room")
    told = (
        room,
        _U.state,
        _IS_FILED,
        sa.func.count().label("number"),
        sa.func.max(_U.first_at).label("last_at"),
    )
    return sa.select(*told).where(room.is_not(None), _U.first_at >= since).group_by(room, _U.state, _IS_FILED)


def titles_of_rooms(rooms: Sequence[str], since: float) -> sa.Select[Any]:
    """Room and title, each as its newest upload tells it. A look into an index for each of the rooms."""
    asked = sa.values(sa.column("room", sa.Text), name="asked").data([(room,) for room in rooms]).cte()
    newest = (
        sa.select(_U.room_title)
        .where(_U.room == asked.c.room, _U.room_title.is_not(None), _U.first_at >= since)
        .order_by(_U.first_at.desc())
        .limit(1)
    )
    return sa.select(asked.c.room, newest.scalar_subquery())


def of_hours(since: float, *, is_sqlite: bool) -> sa.Select[Any]:
    hours = _U.first_at / HOUR_S  # SQLite's cast cuts, and its `floor` need not be there; PostgreSQL's cast rounds
    hour = sa.cast(hours if is_sqlite else sa.func.floor(hours), sa.BigInteger).label("hour")
    counted = sa.select(hour, _U.state, _IS_FILED, sa.func.count().label("number"))
    return counted.where(_U.first_at >= since // HOUR_S * HOUR_S).group_by(hour, _U.state, _IS_FILED)


def summaries(rows: Iterable[sa.Row[Any]], titles: Mapping[str, str]) -> list[RoomSummary]:
    """`rows` are those of `of_rooms`."""
    last_at: dict[str, float] = {}
    by_state, by_standing = defaultdict[str, Counter[State]](Counter), defaultdict[str, Counter[Standing]](Counter)
    for row in rows:
        last_at[row.room] = max(row.last_at, last_at.get(row.room, row.last_at))
        by_state[row.room][State(row.state)] += row.number
        by_standing[row.room][_standing(row)] += row.number
    latest = sorted(last_at, key=lambda room: last_at[room], reverse=True)
    return [
        RoomSummary(room, titles.get(room), last_at[room], by_state[room], by_standing[room]) for room in latest
    ]


def bars(rows: Iterable[sa.Row[Any]]) -> list[Hour]:
    """`rows` are those of `of_hours`; in the order of time."""
    hours = defaultdict[int, Counter[Standing]](Counter)
    for row in rows:
        hours[row.hour][_standing(row)] += row.number
    return [
        Hour(
            start=float(hour * HOUR_S),
            filed=counts[Standing.FILED],
            waiting=counts[Standing.ON_ITS_WAY],
            failed=counts[Standing.NEEDS_PERSON],
            skipped=counts[Standing.NOT_INVOICE],
        )
        for hour, counts in sorted(hours.items())
    ]


def _standing(row: sa.Row[Any]) -> Standing:
    return standing_of(State(row.state), is_filed=bool(row.is_filed))
