"""What an address orders is what its form carries on, and no more than a verb can take."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

import pytest

from console.actions.verbs import VERBS
from console.web.pages.shown.order import HOUR_S, SLUGS, address, order

NOW = 1_795_870_800.5


def given(query: str) -> Mapping[str, Sequence[str]]:
    return parse_qs(query)


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_found_by_the_address_that_is_made_of_it(verb):
    path, _, query = address(verb, reason="no-right", ids=["a b", "c&d"]).partition("?")
    made = order(path.removeprefix("/actions/"), given(query), NOW)
    assert made.verb == verb
    assert made.filter == {"reason": "no-right", "ids": ["a b", "c&d"]}


@pytest.mark.parametrize(
    ("slug", "query"),
    [
        ("retry", "ids=1&ids=2&stage=mover&reason=locked"),
        ("pause", "stage=mover&why=a+test&hours=2"),
        ("file-anyway", "ids=1&destination=5&recipients=a@example.com,+b@example.com"),
    ],
)
def test_what_a_form_carries_is_read_as_it_was(slug, query):
    first = order(slug, given(query), NOW)
    carried: dict[str, list[str]] = {}
    for name, value in first.pairs():
        carried.setdefault(name, []).append(value)
    assert order(slug, carried, NOW + 100).filter == first.filter
    assert first.missing == ()


def test_a_pause_ends_after_the_hours_that_were_chosen_and_after_no_others():
    assert order("pause", given("stage=mover&why=x&hours=2"), NOW).filter["until"] == int(NOW) + 2 * HOUR_S - 1
    for hours in ("0", "-1", "200", "9999999999", "x", "٢"):
        assert [asks.name for asks in order("pause", given(f"why=x&hours={hours}"), NOW).missing] == ["hours"]


def test_what_a_person_must_say_first_is_missing_until_it_is_said():
    assert [asks.name for asks in order("put-away", given("ids=1"), NOW).missing] == ["why"]
    assert order("put-away", given("ids=1&why=+x+"), NOW).missing == ()


def test_an_unknown_verb_is_none():
    assert "dance" not in SLUGS
    with pytest.raises(KeyError):
        order("dance", {}, NOW)
