"""Compares what a look found with the problems that are known: what is there, and what is there no more. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.problems.judge import is_effect, is_hidden
from console.problems.problem import Problem
from shared.store.problems.known import Known, Seen
from shared.text.codes import Code

PORTAL_AWAY = "portal:away"
_AWAY = {
    f"portal:{code}"
    for code in (Code.PORTAL_UNREACHABLE, Code.PORTAL_NOT_ITSELF, Code.PORTAL_ERROR, Code.PORTAL_CHANGING)
}
"""A portal that restarts shows one after the other."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at everything found."""

    problems: tuple[Problem, ...]
    found_by: Mapping[str, str]
    """By cause, the check that found it."""
    unseen: frozenset[str]
    """Checks that could not look at all of theirs."""


@dataclass(frozen=True, slots=True)
class Compared:
    seen: tuple[Seen, ...]
    gone: frozenset[str]
    """Families."""


def family(cause: str) -> str:
    """Causes of one family are told as one problem."""
    return PORTAL_AWAY if cause in _AWAY else cause


def compared(look: Look, live: Sequence[Known]) -> Compared:
    """What only another problem hides is neither there nor gone. What a problem leaves behind that is there no more
    is no problem of its own, until the message of its end is sent.
    """
    open_ones = {problem.family: problem for problem in live if problem.ended_at is None}
    present = {family(problem.cause) for problem in look.problems}
    over = [problem.cause for problem in live if problem.family not in present]
    seen = tuple(
        _seen(problem, look.found_by)
        for problem in look.problems
        if family(problem.cause) in open_ones or not is_effect(problem.cause, over)
    )
    there = {each.family for each in seen}
    causes = [problem.cause for problem in look.problems]
    gone = {
        name
        for name, problem in open_ones.items()
        if name not in there and problem.found_by not in look.unseen and not is_hidden(problem.cause, causes)
    }
    return Compared(seen, frozenset(gone))


def _seen(problem: Problem, found_by: Mapping[str, str]) -> Seen:
    return Seen(
        family=family(problem.cause),
        cause=problem.cause,
        found_by=found_by.get(problem.cause, ""),
        level=problem.level,
        title=problem.title,
        remedy=problem.remedy,
        example=problem.example,
        count=problem.count,
        effects=problem.effects,
        since=problem.since,
    )
