"""The uploads that a problem keeps waiting: whether it keeps any, and what became of them when it had ended."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from console.operator.times import Times
from console.problems.judge import OF_THE_PORTAL
from shared.errors import IntakeError
from shared.store.history.caught_up import CaughtUp, caught_up
from shared.store.history.tables import Database
from shared.store.problems.known import Known

KEEPING = (
    *(f"portal:{code}" for code in OF_THE_PORTAL), "broker:away", "broker:no-*", "ledger:away", "mail:refuses",
    "paused:*", "workers:breaker-open", "workers:not-ready-*", "ingress:takes-nothing",
)  # fmt: skip
"""Causes that stop uploads on their way."""

Became = CaughtUp | str | None
"""What became of those that waited, or why that is not known; None: it kept none waiting."""


def became(database: Database, problem: Known) -> Became:
    """Of one that has ended. They are those that had come and were not done when it was last seen."""
    if not any(fnmatchcase(problem.cause, cause) for cause in KEEPING):
        return None
    try:
        return caught_up(database, problem.last_seen_at)
    except IntakeError as error:
        return str(error)


def held(ended: Sequence[tuple[Known, Became]], now: float, times: Times) -> frozenset[str]:
    """The ids of those whose end is told later, as what waited for them goes on just now."""
    return frozenset(
        problem.id
        for problem, found in ended
        if isinstance(found, CaughtUp)
        and found.waiting
        and problem.ended_at is not None
        and now - problem.ended_at < times.catch_up_s
    )
