"""What OPERATOR and its kin say, and what is said of one that is wrong, without its secrets."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from console.operator.settings import Operators, Weekly
from console.problems.until import moment_to_come
from shared.process.settings import SettingsError, load

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 30, 10, 0, tzinfo=BERLIN).timestamp()  # a Monday


def test_groups_are_separated_by_semicolons_and_nobody_is_told_twice():
    text = "anna@example.com, slack://a/b/c ; ben@example.com,anna@example.com; ;"
    found = load(Operators, {"OPERATOR": text})
    assert found.operators == (("anna@example.com", "slack://a/b/c"), ("ben@example.com",))


def test_nobody_is_told_where_nothing_is_set():
    assert load(Operators, {}).operators == ()


def test_it_may_be_read_from_a_file(tmp_path):
    (tmp_path / "operator").write_text("anna@example.com\n")
    assert load(Operators, {"OPERATOR_FILE": str(tmp_path / "operator")}).operators == (("anna@example.com",),)


@pytest.mark.parametrize("text", ["anna", "slack://hunter2/b,hunter2", "slack://hun ter2/x", "a@b.example;hunter2"])
def test_what_is_neither_an_address_nor_a_url_is_refused_without_showing_it(text: str):
    with pytest.raises(SettingsError, match=r"OPERATOR: address \d of group \d is neither") as raised:
        load(Operators, {"OPERATOR": text})
    assert "hunter2" not in str(raised.value)


def test_a_url_is_not_shown_by_the_settings_themselves():
    assert "hunter2" not in repr(load(Operators, {"OPERATOR": "slack://hunter2/b/c"}))


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-11-30 10:00", "2026-11-30 08:00"),
        ("2026-11-30 07:59", "2026-11-23 08:00"),
        ("2026-12-06 23:00", "2026-11-30 08:00"),
    ],
)
def test_a_week_ends_at_its_day_and_time(now: str, last: str):
    at = datetime.fromisoformat(now).replace(tzinfo=BERLIN).timestamp()
    assert f"{Weekly.parse('monday 08:00').last(at, BERLIN):%Y-%m-%d %H:%M}" == last


@pytest.mark.parametrize("text", ["monday", "8:00", "someday 08:00", "monday 25:00"])
def test_a_week_that_cannot_be_read_is_refused(text: str):
    with pytest.raises(SettingsError, match=r"OPERATOR_WEEKLY: .* is no day and time"):
        load(Operators, {"OPERATOR_WEEKLY": text})


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", "2026-11-30 12:00"), ("18:00", "2026-11-30 18:00"), ("9:30", "2026-12-01 09:30"),
        ("tomorrow", "2026-12-01 00:00"), ("tomorrow 08:00", "2026-12-01 08:00"), ("friday", "2026-12-04 00:00"),
        ("Mon 08:00", "2026-12-07 08:00"), ("monday 11:00", "2026-11-30 11:00"), ("2026-12-24", "2026-12-24 00:00"),
        ("2026-12-24T09:00", "2026-12-24 09:00"), ("tue 08:00", "2026-12-01 08:00"),
    ],
)  # fmt: skip
def test_a_moment_to_come_is_read_as_people_write_it(text: str, moment: str):
    assert f"{datetime.fromtimestamp(moment_to_come(text, NOW, BERLIN), BERLIN):%Y-%m-%d %H:%M}" == moment


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "friday 8", "2026-13-01", "08:00 friday", "2026-12-24 9:00 x"]
)
def test_what_is_no_moment_is_refused_with_examples(text: str):
    with pytest.raises(ValueError, match="is no time: 2h"):
        moment_to_come(text, NOW, BERLIN)
