"""What a look found is compared with what is known: what is there, what is gone, and what is only hidden."""

from dataclasses import replace

from console.doctor.line import Area, Line
from console.operator.families import Look, compared
from console.problems.judge import cause, judge
from shared.store.problems.known import Known
from tests.unit.test_operator_due import PROBLEM

PORTAL, WORKERS, SWEEP, UPLOADS = Area("portal"), Area("workers"), Area("sweep"), Area("uploads")
DOWN = PORTAL.failed("the portal cannot be reached", "-", cause="portal-unreachable")
BAD_GATEWAY = PORTAL.failed("something else answers", "-", cause="portal-not-itself")
KEY = PORTAL.failed("the key is refused", "-", cause="key-refused")
PAUSED = WORKERS.warning("the mover waits for the portal", "-", cause="breaker-open")
NO_RIGHT = UPLOADS.warning("3 wait for a person", "-", cause="dead-letters:no-right")
LATE = UPLOADS.warning("7 are late", "-", cause="on-their-way:portal-unreachable")


def look(*lines: Line, unseen: tuple[str, ...] = ()) -> Look:
    by = {cause(line): line.area for line in lines}
    return Look(judge(lines).problems, by, frozenset(unseen))


def known(line: Line, **other: object) -> Known:
    name = cause(line)
    family = "portal:away" if line in (DOWN, BAD_GATEWAY) else name
    return replace(PROBLEM, id=name, family=family, cause=name, found_by=line.area, **other)  # type: ignore[arg-type]


def names(*lines: Line, live: tuple[Known, ...] = (), unseen: tuple[str, ...] = ()) -> tuple[list[str], set[str]]:
    found = compared(look(*lines, unseen=unseen), live)
    return [each.family for each in found.seen], set(found.gone)


def test_a_portal_that_is_down_is_one_problem_with_its_effects():
    assert names(DOWN, PAUSED, LATE) == (["portal:away"], set())


def test_a_portal_that_restarts_shows_several_faults_and_is_one_problem():
    assert names(BAD_GATEWAY, live=(known(DOWN),)) == (["portal:away"], set())


def test_a_key_that_is_refused_after_an_outage_is_a_problem_of_its_own():
    over = known(DOWN, gone_since=1.0, ended_at=1.0)
    assert names(KEY, live=(over,)) == (["portal:key-refused"], set())


def test_what_was_told_and_is_now_hidden_by_its_cause_is_not_over():
    assert names(DOWN, PAUSED, live=(known(PAUSED),)) == (["portal:away"], set())
    assert names(DOWN, live=(known(PAUSED),)) == (["portal:away"], set())


def test_what_cannot_be_seen_while_the_portal_is_down_is_not_over():
    missing = Area("webhook").failed("the webhook is missing", "-", cause="missing")
    assert names(DOWN, live=(known(missing),)) == (["portal:away"], set())


def test_what_a_check_could_not_look_at_is_not_over():
    assert names(live=(known(NO_RIGHT),)) == ([], {"dead-letters:no-right"})
    assert names(live=(known(NO_RIGHT),), unseen=("uploads",)) == ([], set())


def test_what_an_outage_left_behind_is_no_problem_of_its_own():
    for over in (known(DOWN), known(DOWN, gone_since=1.0), known(DOWN, gone_since=1.0, ended_at=1.0)):
        assert names(PAUSED, LATE, live=(over,))[0] == []
    assert set(names(PAUSED, LATE)[0]) == {"workers:breaker-open"}


def test_what_was_there_before_an_outage_stays_known_when_that_is_over():
    over = known(DOWN, gone_since=1.0, ended_at=1.0)
    assert names(PAUSED, live=(known(PAUSED), over)) == (["workers:breaker-open"], set())
