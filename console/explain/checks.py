"""The checks of one rule as values, also those that were not made. Pure; whoever shows them says how they look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.rules.decide import Ask, Match, Question, conclusion
from shared.rules.finding import Check, Finding
from shared.rules.model import Rule

Trace = Sequence[Finding | Match | Ask]
"""As `shared.rules.decide.trace` yields it."""

ASKED_BY = {
    Question.SERVICE_USER: Check.OWN_DOING,
    Question.PATH: Check.ROOM,
    Question.TITLE: Check.TITLE,
}
"""The check that needs the answer."""


class State(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    WAITS = "waits"
    """Only the portal knows what it needs."""
    NOT_MADE = "not made"
    """A check before it failed, or waits."""


@dataclass(frozen=True, slots=True)
class Checked:
    check: Check
    state: State
    seen: str = ""
    wanted: str = ""


def checks(rule: Rule, steps: Trace, *, ended: bool = False) -> Iterator[Checked]:
    """Each check of a rule that was asked, in their order. `ended`: no answer is waited for any more."""
    made = {step.check: step for step in _of(rule, steps)}
    decision = conclusion(steps)
    waits_for = ASKED_BY[decision.question] if isinstance(decision, Ask) and not ended else None
    has_failed = any(not step.passed for step in made.values())
    for check in Check:
        if step := made.get(check):
            yield Checked(check, State.PASSED if step.passed else State.FAILED, step.seen, step.wanted)
        elif waits_for is check and not has_failed:
            yield Checked(check, State.WAITS)
        else:
            yield Checked(check, State.NOT_MADE)


def why_not_asked(rule: Rule, steps: Trace) -> str | None:
    """None for a rule that was asked."""
    if not rule.enabled:
        return "not asked, it is disabled"
    last = steps[-1] if steps else None
    if _of(rule, steps) or not last:
        return None
    if isinstance(last, Match):
        return f'not asked, rule "{last.rule.name}" takes it'
    return "not asked yet, an earlier rule waits for the portal"


def _of(rule: Rule, steps: Trace) -> list[Finding]:
    return [step for step in steps if isinstance(step, Finding) and step.rule is rule]
