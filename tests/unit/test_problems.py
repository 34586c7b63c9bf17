"""What needs a person, made of the doctor's lines: each cause once, its effects with it, nothing in silence."""

import ast
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from console.doctor.line import Area, Level, Line
from console.doctor.uploads import DEAD, LATE
from console.problems.judge import MUTES, NOBODYS, judge
from console.problems.problem import Action, Found, Problem
from console.problems.sentence import as_json, headline, lines

BROKER, PORTAL, UPLOADS, WORKERS = map(Area, ("broker", "portal", "uploads", "workers"))
DOCTOR = Path(__file__).parents[2] / "console" / "doctor"


def dead(code: str, count: int, since: float = 100.0) -> Line:
    line = UPLOADS.warning(f"{count} uploads wait for a person: {code}", "mend it", cause=f"{DEAD}:{code}")
    return replace(line, count=count, since=since, example="Invoice 1.pdf")


def late(code: str, count: int) -> Line:
    line = UPLOADS.warning(f"{count} uploads are late: {code}", "wait", cause=f"{LATE}:{code}")
    return replace(line, count=count)


def in_queue(stage: str, count: int) -> Line:
    line = BROKER.warning(f"{count} messages in {stage}.dead", "look", cause="dead-letters")
    return replace(line, count=count, stage=stage)


def causes(found: Found) -> list[str]:
    return [problem.cause for problem in found.problems]


def test_where_every_line_is_ok_nothing_needs_a_person() -> None:
    found = judge([BROKER.ok("answers"), PORTAL.ok("answers")])
    assert found == Found(())
    assert headline(found) == "All is well"


def test_dead_letters_are_a_problem_for_each_code_with_what_can_be_done_at_once() -> None:
    found = judge([dead("no-right", 3), dead("locked", 5), in_queue("mover", 8)])
    assert causes(found) == ["dead-letters:locked", "dead-letters:no-right"]
    assert found.problems[1] == Problem(
        cause="dead-letters:no-right",
        level=Level.WARNING,
        title="3 uploads wait for a person: no-right",
        since=100.0,
        count=3,
        example="Invoice 1.pdf",
        remedy="mend it",
        action=Action("retry", {"reason": "no-right"}),
    )


def test_dead_letters_that_the_history_does_not_know_of_are_not_left_out() -> None:
    found = judge([dead("no-right", 3), in_queue("mover", 4), in_queue("notifier", 1)])
    assert {problem.cause: problem.count for problem in found.problems} == {
        "dead-letters:no-right": 3,
        "dead-letters:untold": 2,
    }


def test_a_portal_that_is_down_hides_what_waits_for_it_and_says_what() -> None:
    down = PORTAL.failed("the portal is suspended", "its owner renews it", cause="portal-suspended")
    waits = WORKERS.warning("the mover waits for the portal", "wait", cause="breaker-open")
    found = judge([down, waits, late("portal-suspended", 200), late("locked", 1)])
    assert causes(found) == ["portal:portal-suspended", "on-their-way:locked"]
    assert found.problems[0].effects == (
        "the mover waits for the portal",
        "200 uploads are late: portal-suspended",
    )


def test_an_open_breaker_is_the_cause_where_the_portal_was_not_asked() -> None:
    waits = WORKERS.warning("the mover waits for the portal", "wait", cause="breaker-open")
    found = judge([late("portal-unreachable", 200), waits])
    assert causes(found) == ["workers:breaker-open"]
    assert found.problems[0].effects == ("200 uploads are late: portal-unreachable",)


def test_what_is_only_the_effect_of_an_effect_stands_with_the_first_cause() -> None:
    away = BROKER.failed("no broker answers", "start it", cause="away")
    unserved = BROKER.failed("queue mover has no consumer", "start the mover", cause="no-consumer")
    found = judge([away, unserved, late("waits-for-mover", 7)])
    assert causes(found) == ["broker:away"]
    assert set(found.problems[0].effects) == {"queue mover has no consumer", "7 uploads are late: waits-for-mover"}


def test_lines_of_one_cause_are_one_problem_as_bad_as_the_worst_of_them() -> None:
    first = WORKERS.warning("the mover is not ready", "see its log", cause="not-ready-stopping")
    second = WORKERS.failed("the notifier is not ready", "see its log", cause="not-ready-stopping")
    (problem,) = judge([first, second]).problems
    assert (problem.level, problem.count) == (Level.FAILED, 2)
    assert problem.title == "the mover is not ready (and 1 more of the kind)"


def test_what_could_not_be_looked_at_is_unknown_and_never_well() -> None:
    found = judge([UPLOADS.unseen("no history is kept"), PORTAL.warning("no clock", "again", cause="unseen-clock")])
    assert found.problems == ()
    assert [(each.what, each.why) for each in found.unknown] == [
        ("uploads", "no history is kept"),
        ("portal", "no clock"),
    ]
    assert headline(found) == "Nothing is known to need you; uploads, portal could not be looked at"
    assert as_json(found)["ok"] is False


def test_what_ends_by_itself_needs_nobody() -> None:
    assert judge([BROKER.warning("3 in retry.5s", "wait", cause="retries")]).problems == ()


def test_the_headline_counts_the_problems_and_names_the_first_two() -> None:
    found = judge([dead("locked", 5), dead("no-right", 3), dead("hidden", 1)])
    assert headline(found) == (
        "3 things need you: 5 uploads wait for a person: locked; 3 uploads wait for a person: no-right; 1 more"
    )


def test_hostile_text_of_a_problem_begins_no_line_of_its_own() -> None:
    told = list(lines(judge([replace(dead("locked", 1), example="x\nAll is well\x1b[2J")]), 160.0))
    assert told == [
        "! 1 uploads wait for a person: locked, for 1m 0s",
        "    such as: x\\x0aAll is well\\x1b[2J",
        "    do: mend it",
        "    cause: dead-letters:locked",
    ]


def test_each_cause_that_the_judge_names_is_one_that_the_doctor_tells() -> None:
    known = {f"{area}:{cause}" for area, cause in _told_by_the_doctor()}
    named = [name for causes, muted in MUTES for name in (*causes, *muted)] + list(NOBODYS)
    of_uploads = (f"{DEAD}:", f"{LATE}:", "portal:", "workers:not-ready-", "paused:")
    unknown = [
        name
        for name in named
        if not name.startswith(of_uploads) and not any(fnmatchcase(cause, name) for cause in known)
    ]
    assert unknown == []


def _told_by_the_doctor() -> set[tuple[str, str]]:
    """Of each call in `console.doctor` that makes a line: its file's area, and its cause."""
    found = set()
    for file in DOCTOR.glob("*.py"):
        tree = ast.parse(file.read_text())
        area = {"webhook_config": "webhook", "webhook_log": "webhook", "webhook_others": "webhook"}.get(file.stem)
        for keyword in (node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "cause"):
            if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
                found.add((area or file.stem, keyword.value.value))
    return found
