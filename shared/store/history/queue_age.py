"""How long uploads have waited for each stage, as the history tells it. The broker is not asked, nor disturbed.

A quorum queue does not tell the age of its head (RabbitMQ 4.0 has no `head_message_timestamp` for it), and taking
a message for a look counts as a delivery.
"""

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from shared.store.history.progress import waits_for
from shared.store.history.queries import NO_HISTORY, NoHistoryError, step_from, steps_where
from shared.store.history.tables import STEPS, TOLD_LATER, UPLOADS, Database
from shared.store.history.upload import State

LOOKED_AT = 500
"""Uploads, the oldest first: enough for the oldest of each stage but in a large backlog."""


@dataclass(frozen=True, slots=True)
class Oldest:
    since: dict[str, float]
    """By stage, when the oldest that waits for it came to it: seconds since the epoch."""
    complete: bool
    """False: more wait than were looked at, so that a stage without an entry is not known to have none."""


def oldest(database: Database) -> Oldest:
    """TransientError, or NoHistoryError with what to do."""
    if not database.has_history():
        raise NoHistoryError(NO_HISTORY)
    waiting = (
        sa.select(UPLOADS.c.correlation_id)
        .where(UPLOADS.c.state == State.WAITING, ~TOLD_LATER)
        .order_by(UPLOADS.c.last_at)
        .limit(LOOKED_AT)
    )
    with database.connection() as connection:
        ids = list(connection.execute(waiting).scalars())
        rows = connection.execute(steps_where(STEPS.c.correlation_id.in_(ids))).all()
    steps = defaultdict(list)
    for row in rows:
        steps[row.correlation_id].append(step_from(row))
    since: dict[str, float] = {}
    for of_one in steps.values():
        stage, at = waits_for(of_one)
        since[stage] = min(at, since.get(stage, at))
    return Oldest(since, complete=len(ids) < LOOKED_AT)
