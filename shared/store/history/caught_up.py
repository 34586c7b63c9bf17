"""What became of the uploads that waited at a moment. Only reads."""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from shared.store.history.queries import NO_HISTORY, NoHistoryError
from shared.store.history.step import RECONCILER, Outcome
from shared.store.history.tables import STEPS, UPLOADS, Database
from shared.store.history.upload import State

_U = UPLOADS.c


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """How many of them; those that turned out to be no invoice are not counted."""

    told: int = 0
    """Filed, and who is to know was told."""
    waiting: int = 0
    failed: int = 0
    """They wait for a person."""

    @property
    def count(self) -> int:
        return self.told + self.waiting + self.failed


def caught_up(database: Database, waited_at: float) -> CaughtUp:
    """Of those that had come by then and were not settled. TransientError, or NoHistoryError with what to do."""
    if not database.has_history():
        raise NoHistoryError(NO_HISTORY)
    unsettled = sa.or_(_U.state == State.WAITING, _U.last_at > waited_at)
    query = sa.select(_U.state, sa.func.count()).where(_U.first_at <= waited_at, unsettled).group_by(_U.state)
    with database.connection() as connection:
        counts = Counter({state: int(count) for state, count in connection.execute(query)})
    return CaughtUp(counts[State.FILED], counts[State.WAITING], counts[State.FAILED])


@dataclass(frozen=True, slots=True)
class CameIn:
    """Within some time."""

    uploads: int
    swept: int
    """Of them, those that only comparing with the portal found."""
    waiting: int
    failed: int


def came_in(database: Database, since: float, until: float) -> CameIn:
    """The same errors."""
    if not database.has_history():
        raise NoHistoryError(NO_HISTORY)
    within = (_U.first_at >= since, _U.first_at < until)
    by_state = sa.select(_U.state, sa.func.count()).where(*within).group_by(_U.state)
    first = sa.select(STEPS.c.correlation_id, sa.func.min(STEPS.c.at).label("at")).where(
        STEPS.c.outcome == Outcome.RECEIVED, STEPS.c.at >= since, STEPS.c.at < until
    )
    first = first.group_by(STEPS.c.correlation_id)
    received = first.subquery()
    of_reconciler = sa.select(sa.func.count(sa.distinct(STEPS.c.correlation_id))).join(
        received, sa.and_(STEPS.c.correlation_id == received.c.correlation_id, STEPS.c.at == received.c.at)
    )
    swept = of_reconciler.where(STEPS.c.stage == RECONCILER, STEPS.c.outcome == Outcome.RECEIVED)
    with database.connection() as connection:
        counts = Counter({state: int(count) for state, count in connection.execute(by_state)})
        found = int(connection.execute(swept).scalar_one())
    return CameIn(counts.total(), found, counts[State.WAITING], counts[State.FAILED])
