"""A problem as its card shows it: with what people did about it, and what this person may have done."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.operator.kept import Kept
from console.problems.problem import Problem
from console.web.pages.doing import Act, of_problem
from console.web.pages.seen import Seen
from console.web.site import Visit
from shared.store.problems.known import Known, Silence


@dataclass(frozen=True, slots=True)
class Card:
    problem: Problem
    acts: list[Act]
    known: Known | None
    """Where operators are told of it, or were to be."""
    silence: Silence | None


def cards(visit: Visit, seen: Seen | None, problems: Iterable[Problem]) -> list[Card]:
    kept = seen.kept if seen else Kept()
    return [
        Card(each, of_problem(visit, each, kept), kept.of(each.cause), kept.silence_of(each.cause))
        for each in problems
    ]
