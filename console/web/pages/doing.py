"""The buttons: what this person may have done about an upload, a problem, a room or a worker."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from console.actions.verbs import VERBS
from console.doctor.uploads import DEAD, OTHER
from console.operator.kept import Kept
from console.problems.problem import Problem
from console.web.pages.shown.asked import Asked
from console.web.pages.shown.order import address
from console.web.site import Visit
from shared.store.history.step import Outcome, Step
from shared.store.history.upload import Standing, State, Upload
from shared.store.outbox.window import Waiting

ACTION = ("GET", "/actions/{verb}")


@dataclass(frozen=True, slots=True)
class Act:
    address: str
    text: str


def of_problem(visit: Visit, problem: Problem, kept: Kept) -> list[Act]:
    return [*_of_uploads(visit, problem), *_of_telling(visit, problem, kept)] if visit.may(*ACTION) else []


def _of_telling(visit: Visit, problem: Problem, kept: Kept) -> list[Act]:
    """Where operators are told of it, or were to be."""
    known = kept.of(problem.cause)
    if known is None:
        return []
    acts = [Act(address("silence", cause=problem.cause), visit._("Silence…"))]
    if known.started_at is not None and known.acknowledged_at is None:
        acts.insert(0, Act(address("acknowledge", cause=problem.cause), visit._("Acknowledge")))
    return acts


def _of_uploads(visit: Visit, problem: Problem) -> list[Act]:
    if problem.action is None or problem.action.verb not in VERBS:
        return []
    verb, filter_ = problem.action.verb, problem.action.filter
    acts = [Act(address(verb, **filter_), _all(visit, verb, problem.count))]
    if problem.cause.startswith(f"{DEAD}:") and not problem.cause.endswith(f":{OTHER}"):
        acts.append(Act(address("put away", **filter_), visit._("Put away…")))
    return acts


def of_upload(visit: Visit, upload: Upload, steps: Sequence[Step]) -> list[Act]:
    if not visit.may(*ACTION):
        return []
    acts = []
    if letter := dead_letter(upload, steps):
        acts.append(Act(address("retry", ids=letter), visit._("Try again now")))
        acts.append(Act(address("put away", ids=letter), visit._("Put away…")))
    if upload.tried_later:
        acts.append(Act(address("try now", ids=upload.correlation_id), visit._("Try now")))
    if upload.filed_at is not None:
        acts.append(Act(address("announce again", ids=upload.correlation_id), visit._("Send the mail again")))
    if upload.state is State.SKIPPED and upload.filed_at is None and upload.file_id is not None:
        acts.append(Act(address("file anyway", ids=upload.correlation_id), visit._("File it anyway…")))
    if upload.room is not None:
        acts.append(Act(address("look into room", room=upload.room), visit._("Look into its room now")))
    return acts


def of_list(visit: Visit, asked: Asked, count: int, most: int) -> list[Act]:
    """About all uploads that match, with how many were seen; none where the list does not say which they are."""
    if not visit.may(*ACTION) or not count or asked.faults:
        return []
    told = visit._("more than {most}").format(most=f"{most:,}") if count > most else str(count)
    seen = {} if count > most else {"seen": str(count)}
    texts = {
        Standing.NEEDS_PERSON: (
            ("retry", visit._("Try all that match again ({n})")),
            ("put away", visit._("Put all that match away ({n})…")),
        ),
        Standing.ON_ITS_WAY: (("try now", visit._("Try all that match now ({n})")),),
        Standing.FILED: (("announce again", visit._("Send the mails of all that match again ({n})")),),
        Standing.NOT_INVOICE: (("file anyway", visit._("File all that match anyway ({n})…")),),
    }
    standing = asked.filter.standing
    return [
        Act(f"{address(verb, all='1', **seen)}&{asked.query()}", text.format(n=told))
        for verb, text in (texts[standing] if standing else ())
    ]


def of_room(visit: Visit, room: str) -> list[Act]:
    if not visit.may(*ACTION):
        return []
    return [Act(address("look into room", room=room), visit._("Look into the room now"))]


def of_stages(visit: Visit, stages: Collection[str], paused: Collection[str]) -> dict[str, Act]:
    """By stage."""
    if not visit.may(*ACTION):
        return {}
    return {
        stage: Act(address("resume", stage=stage), visit._("Resume"))
        if stage in paused
        else Act(address("pause", stage=stage), visit._("Pause…"))
        for stage in stages
    }


def of_message(visit: Visit, message: Waiting) -> Act | None:
    """One that waits to be told."""
    return Act(address("send now", ids=message.id), visit._("Send it now")) if visit.may(*ACTION) else None


def dead_letter(upload: Upload, steps: Sequence[Step]) -> str | None:
    """The id of the message that waits for a person."""
    if upload.state is not State.FAILED:
        return None
    return next((step.message_id for step in reversed(steps) if step.outcome is Outcome.DEAD), None)


def _all(visit: Visit, verb: str, count: int) -> str:
    texts = {"retry": visit._("Try again")}
    return f"{texts.get(verb, verb)} ({count})"
