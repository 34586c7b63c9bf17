"""The latest uploads under two sets of rules, by what the history's tables keep: no broker and no portal is asked.

What they do not tell is unknown: a room's tags, a folder inside a room, who the service user is.
"""

from dataclasses import dataclass

from console.explain.recorded import recorded_trace
from console.rules.past_uploads import Decided, Outcome, PastUpload
from console.rules.what_if import Compared, as_decided
from console.rules.what_if_view import Report
from shared.rules.decide import Ask, Match, conclusion
from shared.rules.model import RuleSet
from shared.store.history.filter import Filter
from shared.store.history.queries import Queries
from shared.store.history.step import Step
from shared.store.history.upload import Upload
from shared.text.codes import Code
from shared.wire.outcome import Skip

MOST = 1_000
"""Uploads that are looked at, within a few seconds."""
MOST_ROOMS = 50
NO_STEPS = "the history no longer has its steps"
NOT_TOLD = "the history does not tell whether it lay in a room of the rules"


@dataclass(frozen=True, slots=True)
class Recorded:
    report: Report
    whole: bool
    """False: there were more uploads than MOST, and the older ones were not looked at."""


def recorded_changes(queries: Queries, since: float, new: RuleSet, live: RuleSet) -> Recorded:
    """Since then, in seconds since the epoch. TransientError."""
    page = queries.page(Filter(from_at=since), limit=MOST)
    rooms = _rooms(queries, new, live)
    compared = []
    for upload in page.uploads:
        steps = queries.timeline(upload.correlation_id)
        compared.append(
            Compared(
                PastUpload(upload.correlation_id, upload.first_at),
                file_id=upload.file_id,
                title=upload.title or "",
                room=upload.room_title or upload.room or "",
                old=_decided(upload, steps, live, rooms),
                new=_decided(upload, steps, new, rooms),
                nobody_is_us=True,
            )
        )
    return Recorded(Report(since, "live", compared), whole=page.older is None)


def _decided(upload: Upload, steps: list[Step], rules: RuleSet, rooms: set[str]) -> Decided:
    trace = recorded_trace(upload, steps, rules, rooms)
    if trace is None:
        return Decided(outcome=Outcome.UNKNOWN, reason=NO_STEPS)
    decision = conclusion(trace)
    if isinstance(decision, Match):
        return as_decided(decision)
    if not isinstance(decision, Ask):
        return as_decided(Skip(decision.reason, Code.NO_RULE))
    if upload.title and not any(test.matches(upload.title) for rule in rules.enabled for test in rule.titles):
        return as_decided(Skip("no rule takes its title", Code.NO_RULE))  # whatever the answer
    return Decided(outcome=Outcome.UNKNOWN, reason=NOT_TOLD)


def _rooms(queries: Queries, *several: RuleSet) -> set[str]:
    """Those of the rules that are known to be rooms: something was uploaded to them."""
    wanted = dict.fromkeys(room for rules in several for rule in rules.enabled for room in rule.rooms)
    return {room for room in list(wanted)[:MOST_ROOMS] if queries.page(Filter(room=room), limit=1).uploads}
