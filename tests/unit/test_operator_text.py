"""What the operator is told, word by word."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from console.operator.due import Say
from console.operator.text import Saying, Voice, announcement, lasting, of_waiting
from shared.store.history.caught_up import CaughtUp
from tests.unit.test_operator_due import FRIDAY_16, PROBLEM

VOICE = Voice(ZoneInfo("Europe/Berlin"), "https://intake.example.com")
NASTY = replace(
    PROBLEM, title="<!channel> [pay](https://evil.example)\nProblem: @everyone", example="<b>x</b>",
    effects=("@here",), remedy="see <https://evil.example|the portal>",
)  # fmt: skip
ENDED = replace(PROBLEM, ended_at=FRIDAY_16 + 3600, gone_since=FRIDAY_16 + 3600)


def test_a_start_says_what_since_when_what_to_do_and_how_to_acknowledge_it():
    told = announcement([Saying(Say(replace(PROBLEM, effects=("the mover waits",)), "start"))], FRIDAY_16, VOICE)
    assert told.subject == "Problem: the portal cannot be reached"
    assert told.text == (
        "Problem: the portal cannot be reached\n\n"
        "Since 2026-11-27 15:58 CET: for 2 min.\n"
        "Because of it:\n  - the mover waits\n"
        "What to do: see whether it is up\n\n"
        "You look after it: intake problems acknowledge portal:portal-unreachable\n"
        'Not to hear of it: intake problems silence portal:portal-unreachable --until 2h --reason "why"\n\n'
        "All that needs a person: https://intake.example.com/problems\n"
    )


def test_an_end_says_how_long_it_lasted_and_what_became_of_what_waited():
    told = announcement([Saying(Say(ENDED, "end"), CaughtUp(told=200))], FRIDAY_16 + 3800, VOICE)
    assert told.subject == "Over: the portal cannot be reached"
    assert "It lasted 1 h 2 min, from 2026-11-27 15:58 CET to 2026-11-27 17:00 CET." in told.text
    assert "200 invoices waited: all are filed." in told.text


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (CaughtUp(), "No invoice waited for it."),
        (CaughtUp(told=1), "1 invoice waited: it is filed."),
        (CaughtUp(187, 12, 1), "200 invoices waited: 187 are filed, 12 are still on the way, 1 needs a person."),
        (CaughtUp(0, 1, 0), "1 invoice waited: 0 are filed, 1 is still on the way."),
    ],
)
def test_what_waited_is_counted_and_never_called_filed_when_it_is_not(found: CaughtUp, sentence: str):
    assert of_waiting(found) == sentence


def test_what_is_not_known_of_what_waited_is_said_to_be_not_known():
    told = announcement([Saying(Say(ENDED, "end"), "no history is kept")], FRIDAY_16, VOICE)
    assert "What became of the uploads that waited is not known: no history is kept" in told.text


def test_several_problems_are_one_message():
    says = [
        Saying(Say(PROBLEM, "start")),
        Saying(Say(replace(PROBLEM, title="mail"), "again 2")),
        Saying(Say(ENDED, "end")),
    ]
    told = announcement(says, FRIDAY_16, VOICE)
    assert told.subject == "2 problems, 1 is over: the portal cannot be reached; mail; the portal cannot be reached"
    assert [line for line in told.text.splitlines() if line.startswith(("Problem:", "Still", "Over:"))] == [
        "Problem: the portal cannot be reached", "Still there: mail", "Over: the portal cannot be reached",
    ]  # fmt: skip


def test_the_next_group_reads_why_it_is_told():
    told = announcement([Saying(Say(PROBLEM, "start", next_group=True))], FRIDAY_16, VOICE)
    assert told.subject.startswith("Nobody looks after it: ")
    assert "Others were told before you, and nobody has acknowledged it." in told.text


def test_in_a_chat_no_title_is_obeyed_and_none_makes_a_line_of_its_own():
    told = announcement([Saying(Say(NASTY, "start"))], FRIDAY_16, Voice(VOICE.zone), chat=True)
    assert not told.html
    said = told.subject + told.text
    assert not any(mark in said for mark in ("<", ">", "[", "@everyone", "@here", "https://"))
    assert "\nProblem: @" not in said


def test_in_a_mail_a_title_stays_text():
    told = announcement([Saying(Say(NASTY, "start"))], FRIDAY_16, VOICE)
    assert "<b>x</b>" in told.text
    assert "&lt;b&gt;x&lt;/b&gt;" in told.html
    assert "\n" not in told.subject


@pytest.mark.parametrize(
    ("seconds", "words"), [(45, "45 s"), (150, "2 min"), (3720, "1 h 2 min"), (90_000, "1 d 1 h"), (-1, "0 s")]
)
def test_how_long_it_lasted_is_said_in_words(seconds: int, words: str):
    assert lasting(seconds) == words
