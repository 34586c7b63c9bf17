"""Problems as one sentence, as lines and as JSON. Pure."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from console.doctor.line import Level
from console.problems.problem import Found, Problem
from console.status.view import age
from shared.text.outside import cell

MARKS = {Level.FAILED: "✗", Level.WARNING: "!"}


def headline(found: Found) -> str:
    """What a person reads first."""
    count = len(found.problems)
    unseen = f"; {_names(found)} could not be looked at" if found.unknown else ""
    if not count:
        return f"Nothing is known to need you{unseen}" if found.unknown else "All is well"
    need = "1 thing needs you" if count == 1 else f"{count} things need you"
    return f"{need}: {'; '.join(cell(problem.title) for problem in found.problems[:2])}{_rest(count)}{unseen}"


def lines(found: Found, now: float | None = None) -> Iterator[str]:
    """As `problems` prints them."""
    at = time.time() if now is None else now
    for problem in found.problems:
        yield from _of_one(problem, at)
    for unknown in found.unknown:
        yield cell(f"? {unknown.what}: {unknown.why}")


def as_json(found: Found) -> dict[str, Any]:
    return {"ok": not found.problems and not found.unknown, "headline": headline(found), **asdict(found)}


def _of_one(problem: Problem, now: float) -> Iterator[str]:
    since = "" if problem.since is None else f", for {age(max(0.0, now - problem.since))}"
    yield cell(f"{MARKS[problem.level]} {problem.title}{since}")
    if problem.example:
        yield cell(f"    such as: {problem.example}")
    yield cell(f"    do: {problem.remedy}")
    for effect in problem.effects:
        yield cell(f"    because of it: {effect}")
    yield cell(f"    cause: {problem.cause}")


def _names(found: Found) -> str:
    return ", ".join(dict.fromkeys(unknown.what for unknown in found.unknown))


def _rest(count: int) -> str:
    return f"; {count - 2} more" if count > 2 else ""  # noqa: PLR2004 - a sentence holds two
