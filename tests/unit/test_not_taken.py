"""Of which uploads a person is told that no rule took them, when, and what would take them."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from console.not_taken.found import of_rooms_alone, would_fit
from console.not_taken.run import last_shown
from shared.rules.file import parse_rules

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("Rechnung 77.pdf", "rechnung"),
        ("  RECHNUNG_77.pdf", "rechnung"),
        ("Счёт 5.pdf", "счёт"),
        ("77 Rechnung.pdf", None),
        ("Re 7.pdf", None),
        ("", None),
    ],
)
def test_the_word_that_a_title_begins_with_would_take_it(title, word):
    assert would_fit(title) == word


@pytest.mark.parametrize(
    ("at", "now", "shown"),
    [
        ("08:00", "2026-11-27T06:59:59+00:00", "2026-11-26T07:00:00+00:00"),
        ("08:00", "2026-11-27T07:00:00+00:00", "2026-11-27T07:00:00+00:00"),
        ("02:30", "2026-03-29T12:00:00+00:00", "2026-03-29T01:00:00+00:00"),  # the clock skips it
        ("02:30", "2026-10-25T12:00:00+00:00", "2026-10-25T00:30:00+00:00"),  # it shows it twice
        ("23:59", "2026-11-27T00:00:00+00:00", "2026-11-26T22:59:00+00:00"),
    ],
)
def test_a_time_of_day_is_the_last_moment_at_which_a_clock_showed_it_first(at, now, shown):
    found = last_shown(time.fromisoformat(at), BERLIN, datetime.fromisoformat(now).timestamp())
    assert datetime.fromtimestamp(found, UTC).isoformat() == shown


def test_rules_whose_rooms_are_known_ask_no_portal_for_names_and_tags():
    text = '[[rule]]\nname = "a"\nrooms = [1]\nroom_tags = ["client"]\ndestination = 2\nrecipients = ["a@b.de"]\n'
    rules = of_rooms_alone(parse_rules(text.encode(), "rules.toml"))
    assert (rules.by_room_tests, rules.rules[0].rooms) == (False, ("1",))
