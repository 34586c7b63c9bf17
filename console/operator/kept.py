"""What is known of problems over time, for who looks now: what the reconciler saw, and what people did."""

import contextlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from console.doctor.line import Level, Line
from console.operator.families import family
from shared.errors import IntakeError
from shared.store.problems.known import Known, Silence
from shared.store.problems.store import ProblemStore

FRESH_S = 300.0
"""The reconciler looks twice a minute. What it has not seen for so long it sees no more, or it is away itself."""


@dataclass(frozen=True, slots=True)
class Kept:
    """By family."""

    open: Mapping[str, Known] = field(default_factory=dict)
    """Those that are there now."""
    silences: Mapping[str, Silence] = field(default_factory=dict)

    def of(self, cause: str) -> Known | None:
        return self.open.get(family(cause))

    def silence_of(self, cause: str) -> Silence | None:
        return self.silences.get(family(cause))

    def lines(self, seen_here: Collection[str]) -> Iterator[Line]:
        """As doctor says them: those that were found by other checks than these."""
        for known in self.open.values():
            if known.found_by not in seen_here:
                area = known.cause.partition(":")[0]
                yield Line(
                    Level(known.level), area, known.title, known.remedy, known.cause, known.count, known.since,
                    known.example,
                )  # fmt: skip


def kept(database_url: str, now: float) -> Kept:
    """Nothing where the database is away, as the ledger's line says."""
    try:
        with contextlib.closing(ProblemStore(database_url)) as store:
            live, silences = store.live(), store.silences(now)
    except IntakeError:
        return Kept()
    there = {
        known.family: known
        for known in live
        if known.ended_at is None and known.gone_since is None and now - known.last_seen_at < FRESH_S
    }
    return Kept(there, silences)
