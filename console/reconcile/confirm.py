"""The second look at what seems missed: was it put away, is its webhook late, and who uploaded it?

Each question costs something, so they are asked of these few files alone, the uploader last: one call for a file
whose webhook never came in.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from console.reconcile.backlog import Backlog
from console.reconcile.deliveries import Deliveries, Standing
from console.reconcile.event import UNKNOWN, Uploader
from console.reconcile.finding import Finding, State
from console.reconcile.judge import Judge
from console.reconcile.past_events import Past
from shared.docspace.file_log import Act
from shared.docspace.file_log import uploader as uploader_of
from shared.docspace.model import FileInfo

NOT_TOLD = "; who uploaded it is not known, so it was not looked at whether the service user did"


@dataclass(frozen=True, slots=True)
class Evidence:
    past: Past
    deliveries: Deliveries
    acts: Callable[[FileInfo], Iterable[Act] | None]
    """The portal's log of a file; None where the key may not read it."""
    until: datetime
    """What came in later is too fresh."""
    backlog: Backlog


@dataclass(frozen=True, slots=True)
class Confirmed:
    finding: Finding
    uploader: Uploader = UNKNOWN


def confirmed(judge: Judge, found: Iterable[Finding], evidence: Evidence) -> Iterator[Confirmed]:
    """In their order; raises what asking the portal raises."""
    for finding in found:
        reason = _why_to_leave(finding, evidence)
        yield Confirmed(reason) if reason else _missed(judge, finding, evidence)


def _why_to_leave(finding: Finding, evidence: Evidence) -> Finding | None:
    file = finding.file
    discarded_at = evidence.past.discarded.get(str(file.id))
    if discarded_at is not None and (file.modified_at is None or file.modified_at.timestamp() <= discarded_at):
        reason = "a person discarded its dead letter"
        return replace(finding, state=State.DISCARDED, reason=reason, settled=True)
    came = evidence.past.arrival(file)
    if came is not None and came.at > evidence.until.timestamp():
        return replace(finding, state=State.LATE, reason="its webhook came a moment ago")
    if waits := _where_it_waits(file, evidence):
        return replace(finding, state=State.WAITING, reason=waits)
    if evidence.deliveries.standing(file) is Standing.WAITING:
        return replace(finding, state=State.LATE, reason=Standing.WAITING.value)
    return None


def _where_it_waits(file: FileInfo, evidence: Evidence) -> str:
    """On our own side; empty where it is not there."""
    uploads = evidence.past.steps_of(file)
    if uploads:
        return next(filter(None, map(evidence.backlog.holds, uploads)), "")
    if evidence.deliveries.standing(file) not in {Standing.DELIVERED, Standing.UNKNOWN}:
        return ""
    if evidence.backlog.spooled:
        return "events wait in a spool, and its own may be one of them"
    if not evidence.past.is_told and evidence.backlog.may_hold_any:
        return "events wait in the queues, and its own may be one of them: no history is kept that would tell"
    return ""


def _missed(judge: Judge, finding: Finding, evidence: Evidence) -> Confirmed:
    file = finding.file
    uploader = evidence.past.uploader(file) or _by_the_log(file, evidence)
    verdict = judge.verdict(file, finding.room, uploader or UNKNOWN)
    if verdict.state is not State.MISSED:
        return Confirmed(replace(verdict, settled=uploader is not None and judge.is_own(uploader)))
    standing = evidence.deliveries.standing(file)
    reason = f"{finding.reason}; {standing.value}" + ("" if uploader else NOT_TOLD)
    return Confirmed(replace(finding, reason=reason), uploader or UNKNOWN)


def _by_the_log(file: FileInfo, evidence: Evidence) -> Uploader | None:
    acts = evidence.acts(file)
    act = uploader_of(tuple(acts), file.version) if acts is not None else None
    return Uploader(act.user_id, act.user_name) if act else None
