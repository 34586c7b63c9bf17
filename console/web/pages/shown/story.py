"""The timeline as a person reads it: tries that failed alike one after the other are one line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.store.history.step import Outcome, Step


@dataclass(frozen=True, slots=True)
class Event:
    """One line; `steps` are one, or several tries of one stage, in their order."""

    steps: tuple[Step, ...]

    @property
    def first(self) -> Step:
        return self.steps[0]

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @property
    def folded(self) -> bool:
        return len(self.steps) > 1


def story(steps: Sequence[Step]) -> list[Event]:
    """`steps` in the order in which they happened."""
    told: list[list[Step]] = []
    for step in steps:
        if told and _belongs(step, told[-1][-1]):
            told[-1].append(step)
        else:
            told.append([step])
    return [Event(tuple(together)) for together in told]


def _belongs(step: Step, before: Step) -> bool:
    """A try that failed for the reason for which the one before it did."""
    return step.outcome is before.outcome is Outcome.RETRY and (step.stage, step.code or step.reason) == (
        before.stage, before.code or before.reason
    )  # fmt: skip
