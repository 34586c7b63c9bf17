"""Makes problems of what the checks of `console.doctor` found: each cause once, and its effects with it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from console.doctor.line import Level, Line
from console.doctor.uploads import DEAD, LATE, OTHER, WAITS_FOR
from console.problems.problem import Action, Found, Problem, Unknown
from shared.text.codes import Code

NOBODYS = frozenset({"broker:retries", "broker:waits-for-portal"})
"""What ends by itself: a person is told once it lasts for an hour, or of what it waits for."""

BROKER, DATABASE = "broker:away", "ledger:away"
OF_THE_PORTAL = (
    Code.PORTAL_UNREACHABLE, Code.PORTAL_NOT_ITSELF, Code.PORTAL_ERROR, Code.PORTAL_SUSPENDED, Code.PORTAL_CHANGING,
    Code.PORTAL_UNPAID, Code.KEY_REFUSED, Code.KEY_LOST, Code.PAUSED,
)  # fmt: skip
"""Of what waits until the portal as a whole works again."""
_DOWN = tuple(f"portal:{code}" for code in OF_THE_PORTAL)
_WAIT_FOR_PORTAL = tuple(f"{LATE}:{code}" for code in OF_THE_PORTAL)

MUTES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        (BROKER,),
        ("broker:*", "spool:filling", "workers:not-ready-broker", "ingress:takes-nothing", f"{LATE}:{WAITS_FOR}*"),
    ),
    ((DATABASE,), ("workers:not-ready-ledger", f"{LATE}:{Code.DATABASE}")),
    (_DOWN, ("workers:breaker-open", "workers:not-ready-portal", "sweep:hidden", "sweep:late", *_WAIT_FOR_PORTAL)),
    (("workers:breaker-open",), ("workers:not-ready-portal", *_WAIT_FOR_PORTAL)),
    (("paused:*",), ("broker:no-consumer", f"{LATE}:{WAITS_FOR}*", f"{LATE}:{Code.PAUSED}")),
    (("mail:refuses",), ("workers:not-ready-mail", f"{LATE}:{Code.MAIL_UNAVAILABLE}")),
    (("workers:not-ready-mail",), (f"{LATE}:{Code.MAIL_UNAVAILABLE}",)),
    (("broker:no-consumer", "workers:not-ready-answer", "broker:no-queue"), (f"{LATE}:{WAITS_FOR}*",)),
    (
        ("webhook:missing", "webhook:disabled", "webhook:triggers-missing"),
        ("webhook:deleted", "webhook:silent", "sweep:hidden", "sweep:found-missed"),
    ),
    (("sweep:hidden",), ("sweep:found-missed",)),
    (("broker:no-exchange",), ("broker:no-queue", "broker:no-delay-queue")),
    (
        (
            BROKER, DATABASE, "paused:notifier", "mail:refuses", "workers:not-ready-mail", "broker:no-consumer",
            "workers:not-ready-answer", "broker:no-queue",
        ),
        ("outbox:late",),
    ),
    (("workers:not-ready-answer",), ("broker:no-consumer",)),
)  # fmt: skip
"""Each with causes, and what is wrong only because of one of them."""
HIDES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (_DOWN, ("portal:*", "webhook:*", "rooms:*")),
    ((BROKER,), ("broker:*",)),
)
"""Each with causes, and what cannot be looked at beside one of them."""

_WORST_FIRST = (Level.FAILED, Level.WARNING)


def judge(lines: Iterable[Line]) -> Found:
    """`lines` are what the checks found, or some of the checks."""
    given = list(lines)
    by_cause: dict[str, list[Line]] = {}
    for line in given:
        if line.level is not Level.OK and not line.unseen and cause(line) not in NOBODYS:
            by_cause.setdefault(cause(line), []).append(line)
    _without_what_has_its_cause(by_cause)
    problems = _muted([_problem(name, found) for name, found in by_cause.items()])
    ordered = sorted(problems, key=lambda problem: (_WORST_FIRST.index(problem.level), -problem.count))
    return Found(tuple(ordered), tuple(Unknown(line.area, line.text) for line in given if line.unseen))


def cause(line: Line) -> str:
    """Within all areas. A line may name the whole of it."""
    return line.cause if ":" in line.cause else f"{line.area}:{line.cause}"


def _without_what_has_its_cause(by_cause: dict[str, list[Line]]) -> None:
    """The broker counts its dead letters, and the history says why: what it does not know of stays the broker's."""
    counted = by_cause.pop("broker:dead-letters", [])
    told = sum(line.count or 0 for name, found in by_cause.items() if name.startswith(f"{DEAD}:") for line in found)
    left = sum(line.count or 0 for line in counted) - told
    if counted and left > 0:
        by_cause[f"{DEAD}:untold"] = [replace(line, count=left if line is counted[0] else 0) for line in counted]


def _problem(name: str, found: Sequence[Line]) -> Problem:
    first = found[0]
    worst = Level.FAILED if any(line.level is Level.FAILED for line in found) else Level.WARNING
    more = f" (and {len(found) - 1} more of the kind)" if len(found) > 1 else ""
    return Problem(
        cause=name,
        level=worst,
        title=first.text + more,
        since=min((line.since for line in found if line.since is not None), default=None),
        count=sum(1 if line.count is None else line.count for line in found),
        example=next((line.example for line in found if line.example), ""),
        remedy=first.mend,
        action=_action(name),
    )


def _action(name: str) -> Action | None:
    area, _, what = name.partition(":")
    if area != DEAD or what in {OTHER, "untold"}:
        return None
    return Action("retry", {"reason": what})


def _muted(problems: Sequence[Problem]) -> list[Problem]:
    """Those that are nobody's effect, each with its own."""
    blamed: dict[str, list[Problem]] = {}
    effects: set[str] = set()
    names = [problem.cause for problem in problems]
    for causes, muted in (*MUTES, *HIDES):
        because = next((name for name in names if name not in effects and _is_one_of(name, causes)), None)
        if because is None:
            continue
        for problem in problems:
            if _is_one_of(problem.cause, muted) and problem.cause != because and problem.cause not in effects:
                effects.add(problem.cause)
                blamed.setdefault(because, []).extend((problem, *blamed.pop(problem.cause, ())))
    return [
        replace(problem, effects=tuple(each.title for each in its))
        for problem in problems
        if problem.cause not in effects
        for its in [blamed.get(problem.cause, [])]
    ]


def is_effect(name: str, causes: Iterable[str]) -> bool:
    """Whether what has this cause is wrong only because of one of the others."""
    return _is_below(name, causes, MUTES)


def is_hidden(name: str, causes: Iterable[str]) -> bool:
    """Whether what has this cause is an effect of one of the others, or cannot be seen beside it."""
    return _is_below(name, causes, (*MUTES, *HIDES))


def _is_below(name: str, causes: Iterable[str], table: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> bool:
    others = [cause for cause in causes if cause != name]
    return any(
        _is_one_of(name, muted) and any(_is_one_of(cause, because) for cause in others) for because, muted in table
    )


def _is_one_of(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
