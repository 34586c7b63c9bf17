"""The ledger's statements, as SQLAlchemy builds them for each database. Nothing is executed here.

Each is executed for a set of keys, and what it writes it locks in the order of the keys as Python sorts them: two
sets that overlap wait for one another and never in a circle.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from shared.store.ledger.table import ROWS

OPEN = ROWS.c.result.is_(None)
MINE = (ROWS.c.key == sa.bindparam("of_key"), ROWS.c.token == sa.bindparam("of_token"), OPEN)
UNTOUCHED = sa.and_(ROWS.c.wins == 1, ROWS.c.progress.is_(None))
"""Nobody may have begun, except whoever holds it now and says that he has not."""

FORGETS = sa.bindparam("of_forget", type_=sa.Boolean)

NOTE = sa.update(ROWS).where(*MINE).values(progress=sa.bindparam("of_progress"))
FORGET_UNTOUCHED = sa.delete(ROWS).where(*MINE, UNTOUCHED, sa.or_(ROWS.c.message.is_(None), FORGETS))


def claiming(insert: Callable[..., Any], now: sa.ColumnElement[float], owner: str, *, take_over: bool) -> Any:
    """`of_message` is NULL for a claim that belongs to no message. Returns the rows that were won."""
    row = insert(ROWS).values(
        key=sa.bindparam("of_key"),
        token=sa.bindparam("of_token"),
        owner=owner,
        leased_until=now + sa.bindparam("lease_s", type_=sa.Double),
        wins=1,
        message=sa.bindparam("of_message", type_=sa.Text),
    )
    message = row.excluded.message
    taken = {name: row.excluded[name] for name in ("token", "owner", "leased_until")}
    free = sa.or_(ROWS.c.token.is_(None), ROWS.c.leased_until <= now)
    ours = sa.or_(message.is_(None), ROWS.c.message.is_(None), ROWS.c.message == message)
    return row.on_conflict_do_update(
        index_elements=[ROWS.c.key],
        set_={**taken, "wins": ROWS.c.wins + 1, "message": sa.func.coalesce(message, ROWS.c.message)},
        where=sa.and_(OPEN, free) if take_over else sa.and_(OPEN, free, ours),
    ).returning(ROWS.c.key, ROWS.c.token, ROWS.c.wins, ROWS.c.progress, ROWS.c.message)


def giving_back(now: sa.ColumnElement[float]) -> Any:
    """`leased_until` then says when that was; without a token there is no lease, whatever a clock does."""
    return (
        sa.update(ROWS)
        .where(*MINE)
        .values(
            token=None,
            leased_until=now,
            wins=sa.case((UNTOUCHED, 0), else_=ROWS.c.wins),
            message=sa.case((FORGETS, sa.null()), else_=ROWS.c.message),
        )
    )


def completing(insert: Callable[..., Any], now: sa.ColumnElement[float], owner: str) -> Any:
    row = insert(ROWS).values(
        key=sa.bindparam("of_key"),
        owner=owner,
        wins=0,
        token=None,
        leased_until=None,
        result=sa.bindparam("of_result"),
        completed_at=now,
    )
    done = {name: row.excluded[name] for name in ("token", "leased_until", "result", "completed_at")}
    return row.on_conflict_do_update(index_elements=[ROWS.c.key], set_=done, where=OPEN)


def ended_by_holder(now: sa.ColumnElement[float]) -> Any:
    """Done, as long as the claim is still its holder's: for a transaction that does the work itself."""
    done = {"token": None, "leased_until": None, "result": sa.bindparam("of_result"), "completed_at": now}
    return sa.update(ROWS).where(*MINE).values(done)


def replacing(insert: Callable[..., Any], now: sa.ColumnElement[float], owner: str) -> Any:
    """The latest value of a key becomes its result, and the one before its progress, which is returned."""
    row = insert(ROWS).values(
        key=sa.bindparam("of_key"), owner=owner, wins=0, result=sa.bindparam("of_value"), completed_at=now
    )
    is_new = ROWS.c.result.is_distinct_from(row.excluded.result)
    latest = {name: row.excluded[name] for name in ("owner", "result", "completed_at")}
    before = sa.case((is_new, ROWS.c.result), else_=ROWS.c.progress)
    return row.on_conflict_do_update(index_elements=[ROWS.c.key], set_={**latest, "progress": before}).returning(
        ROWS.c.progress
    )


def renewing(dialect: str, now: sa.ColumnElement[float]) -> Any:
    """One statement for all of `keys` and `tokens`; a token is found in the row of its own key only."""
    held = _locked(
        dialect,
        ROWS.c.key.in_(sa.bindparam("keys", expanding=True)),
        ROWS.c.token.in_(sa.bindparam("tokens", expanding=True)),
    )
    until = now + sa.bindparam("lease_s", type_=sa.Double)
    return sa.update(ROWS).where(ROWS.c.key.in_(held)).values(leased_until=until)


def abandoning(dialect: str) -> Any:
    """What belongs to one of `messages` belongs to none."""
    theirs = _locked(dialect, ROWS.c.message.in_(sa.bindparam("messages", expanding=True)))
    return sa.update(ROWS).where(ROWS.c.key.in_(theirs)).values(message=None)


def _locked(dialect: str, *those: sa.ColumnElement[bool]) -> Any:
    """The keys of open rows, which are locked in their order."""
    in_order = ROWS.c.key if dialect == "sqlite" else ROWS.c.key.collate("C")  # as Python sorts
    return sa.select(ROWS.c.key).where(*those, OPEN).order_by(in_order).with_for_update()


def pruning(now: sa.ColumnElement[float], older_than_s: float, at_most: int) -> Any:
    old = (
        sa.select(ROWS.c.key)
        .where(ROWS.c.completed_at < now - older_than_s)
        .order_by(ROWS.c.completed_at)
        .limit(at_most)
    )
    return sa.delete(ROWS).where(ROWS.c.key.in_(old))


def writable(insert: Callable[..., Any]) -> Any:
    """Writes nothing, and is refused where the server only reads or the role may not write."""
    none = sa.select(sa.literal(""), sa.literal(0)).where(sa.false())
    row = insert(ROWS).from_select(["key", "wins"], none)
    return row.on_conflict_do_update(index_elements=[ROWS.c.key], set_={"wins": ROWS.c.wins})


def looking(now: sa.ColumnElement[float], keys: list[str]) -> Any:
    remaining = (ROWS.c.leased_until - now).label("remaining_s")
    return sa.select(ROWS, remaining).where(ROWS.c.key.in_(keys))
