"""Who is to hear what of a problem, and when: decided from what is known, without a clock of its own."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from console.operator.due import Office, Who, closable, to_say
from console.operator.times import DAY_S, Times
from shared.rules.hours import Hours
from shared.store.problems.known import Known, Told

BERLIN = ZoneInfo("Europe/Berlin")
HOUR_S = 3600.0
FIRST, SECOND, THIRD = "mail:anna", "slack:1", "mail:ben"
ALWAYS = Office(None, BERLIN)
OFFICE = Office(Hours.parse("Mon-Fri 08:00-18:00"), BERLIN)
FRIDAY_16 = datetime(2026, 11, 27, 16, 0, tzinfo=BERLIN).timestamp()
MONDAY_10 = datetime(2026, 11, 30, 10, 0, tzinfo=BERLIN).timestamp()
PROBLEM = Known(
    id="p", family="portal:away", cause="portal:portal-unreachable", found_by="portal", level="failed",
    title="the portal cannot be reached", remedy="see whether it is up", first_seen_at=FRIDAY_16 - 120,
    last_seen_at=FRIDAY_16, started_at=FRIDAY_16, gone_since=None, ended_at=None, closed_at=None,
    acknowledged_by=None, acknowledged_at=None,
)  # fmt: skip
ENDED = replace(PROBLEM, gone_since=FRIDAY_16 + 60, ended_at=FRIDAY_16 + 60)


def who(*groups: tuple[str, ...], office: Office = ALWAYS) -> Who:
    return Who(groups, office, Times())


def heard(channel: str = FIRST, what: str = "start", at: float = FRIDAY_16) -> Told:
    return Told("p", what, channel, at)


def said(problem: Known, told: list[Told], to: Who, now: float, **other: set[str]) -> dict[str, list[str]]:
    found = to_say([problem], told, other.get("silenced", set()), other.get("held", set()), who=to, now=now)
    return {channel: [say.what for say in says] for channel, says in found.items()}


def test_a_start_is_told_once_to_each_of_the_first_group():
    to = who((FIRST, SECOND), (THIRD,))
    assert said(PROBLEM, [], to, FRIDAY_16) == {FIRST: ["start"], SECOND: ["start"]}
    assert said(PROBLEM, [heard()], to, FRIDAY_16 + 60) == {SECOND: ["start"]}
    assert said(PROBLEM, [heard(), heard(SECOND)], to, FRIDAY_16 + 60) == {}


def test_what_has_not_lasted_is_told_to_nobody():
    assert said(replace(PROBLEM, started_at=None), [], who((FIRST,)), FRIDAY_16) == {}


def test_while_it_lasts_it_is_told_again_once_a_day():
    to, day = who((FIRST,)), FRIDAY_16 + DAY_S
    assert said(PROBLEM, [heard()], to, day - 1) == {}
    assert said(PROBLEM, [heard()], to, day) == {FIRST: ["again 1"]}
    assert said(PROBLEM, [heard(), heard(what="again 1", at=day)], to, day + 60) == {}
    assert said(PROBLEM, [heard(), heard(what="again 1", at=day)], to, day + DAY_S) == {FIRST: ["again 2"]}


def test_nobody_acknowledges_it_for_four_office_hours_and_the_next_group_is_told():
    to = who((FIRST,), (SECOND,), (THIRD,), office=OFFICE)
    assert said(PROBLEM, [heard()], to, MONDAY_10 - 1) == {FIRST: ["again 1"]}
    assert said(PROBLEM, [heard()], to, MONDAY_10)[SECOND] == ["start"]
    told = [heard(), heard(SECOND, at=MONDAY_10), heard(what="again 1", at=MONDAY_10)]
    assert said(PROBLEM, told, to, MONDAY_10 + 4 * HOUR_S - 1) == {}
    assert said(PROBLEM, told, to, MONDAY_10 + 4 * HOUR_S) == {THIRD: ["start"]}


@pytest.mark.parametrize(
    ("at", "open_s", "until"),
    [
        ("2026-11-27 16:00", 4, "2026-11-30 10:00"),
        ("2026-11-28 03:00", 4, "2026-11-30 12:00"),
        ("2026-11-30 08:00", 4, "2026-11-30 12:00"),
        ("2026-11-30 19:00", 12, "2026-12-02 10:00"),
    ],
)
def test_office_hours_are_counted_over_nights_and_weekends(at: str, open_s: int, until: str):
    begin, end = (datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp() for text in (at, until))
    assert OFFICE.after(begin, open_s * HOUR_S) == end


def test_who_acknowledges_it_stops_the_escalation_and_is_still_told_once_a_day():
    mine = replace(PROBLEM, acknowledged_by="anna", acknowledged_at=FRIDAY_16 + 600)
    to = who((FIRST,), (SECOND,))
    assert said(mine, [heard()], to, FRIDAY_16 + 10 * HOUR_S) == {}
    assert said(mine, [heard()], to, FRIDAY_16 + DAY_S) == {FIRST: ["again 1"]}


def test_acknowledged_after_the_second_group_was_told_the_third_is_not():
    late = replace(PROBLEM, acknowledged_by="ben", acknowledged_at=FRIDAY_16 + 5 * HOUR_S)
    to = who((FIRST,), (SECOND,), (THIRD,))
    told = [heard(), heard(SECOND, at=FRIDAY_16 + 4 * HOUR_S)]
    assert said(late, told, to, FRIDAY_16 + 20 * HOUR_S) == {}


def test_where_no_channel_of_a_group_takes_it_the_next_group_is_told_soon():
    to = who((FIRST,), (SECOND,), (THIRD,), office=OFFICE)
    times = Times()
    assert said(PROBLEM, [], to, FRIDAY_16 + times.unreached_s - 1) == {FIRST: ["start"]}
    assert said(PROBLEM, [], to, FRIDAY_16 + times.unreached_s) == {FIRST: ["start"], SECOND: ["start"]}


def test_the_escalation_stops_when_the_problem_has_ended_or_seems_to():
    to, late = who((FIRST,), (SECOND,)), FRIDAY_16 + 5 * HOUR_S
    assert SECOND in said(PROBLEM, [heard()], to, late)
    assert said(replace(PROBLEM, gone_since=late - 30), [heard()], to, late) == {}
    assert said(replace(PROBLEM, gone_since=late - 130, ended_at=late - 130), [heard()], to, late) == {
        FIRST: ["end"]
    }


def test_the_end_is_told_to_who_heard_of_it_and_else_to_the_first_group():
    to = who((FIRST,), (SECOND,))
    assert said(ENDED, [heard(), heard(SECOND)], to, FRIDAY_16 + 200) == {FIRST: ["end"], SECOND: ["end"]}
    assert said(ENDED, [heard(SECOND)], to, FRIDAY_16 + 200) == {SECOND: ["end"]}
    assert said(ENDED, [], to, FRIDAY_16 + 200) == {FIRST: ["end"]}
    assert said(ENDED, [heard(), heard(what="end")], to, FRIDAY_16 + 200) == {}


def test_the_end_is_held_while_what_waited_for_it_goes_on():
    assert said(ENDED, [heard()], who((FIRST,)), FRIDAY_16 + 200, held={"p"}) == {}


def test_what_is_silenced_is_not_told_and_its_end_is_to_who_heard_of_it():
    to, quiet = who((FIRST,), (SECOND,)), {"portal:away"}
    assert said(PROBLEM, [], to, FRIDAY_16 + 9 * HOUR_S, silenced=quiet) == {}
    assert said(PROBLEM, [heard()], to, FRIDAY_16 + 9 * DAY_S, silenced=quiet) == {}
    assert said(ENDED, [heard()], to, FRIDAY_16 + 200, silenced=quiet) == {FIRST: ["end"]}


def test_it_is_closed_once_all_heard_the_end_or_a_day_later():
    to = who((FIRST,), (SECOND,))
    assert closable([ENDED], [heard()], to, FRIDAY_16 + 200) == []
    assert closable([ENDED], [heard(), heard(what="end")], to, FRIDAY_16 + 200) == ["p"]
    assert closable([ENDED], [heard()], to, FRIDAY_16 + 61 + DAY_S) == ["p"]
    assert closable([PROBLEM], [heard()], to, FRIDAY_16 + 9 * DAY_S) == []
