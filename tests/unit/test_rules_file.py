"""Rules files: what they mean, and how their faults are told."""

import tomllib
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.rules.digest import AtMostEvery, AtTimes
from shared.rules.file import RulesError, load_rules, parse_rules, single_rule
from shared.rules.model import Rule, RuleSet
from shared.rules.recipient import Recipient
from shared.rules.telling import Telling

EXAMPLE = Path(__file__).parents[2] / "rules.example.toml"
GOOD = """
[[rule]]
name = "acme"
rooms = [86190, " 86191 ", "sbox-12"]
destination = "748239"
recipients = ["manager@example.com"]
"""


def parse(text: str) -> RuleSet:
    return parse_rules(text.encode(), "rules.toml")


def faults(text: str) -> list[str]:
    with pytest.raises(RulesError) as caught:
        parse(text)
    return str(caught.value).splitlines()


def with_line(line: str) -> str:
    key = line.split(" =", maxsplit=1)[0]
    return "\n".join(old for old in GOOD.splitlines() if not old.startswith(f"{key} =")) + f"\n{line}\n"


def test_the_example_in_the_repository_is_valid() -> None:
    rules = load_rules(EXAMPLE)
    assert [rule.name for rule in rules.rules] == ["acme", "globex", "clients", "initech"]
    assert [rule.name for rule in rules.enabled] == ["acme", "globex"]
    assert rules.rules[1].titles[2].matches("INV-2026.pdf")


def test_the_example_shows_every_field() -> None:
    document = tomllib.loads(EXAMPLE.read_text())
    kinds: dict[str, type[BaseModel]] = {"rule": Rule, "recipient": Recipient}
    for kind, model in kinds.items():
        assert {key for table in document[kind] for key in table} == set(model.model_fields)


def test_defaults_and_ids() -> None:
    rule = parse(GOOD).rules[0]
    assert rule.rooms == ("86190", "86191", "sbox-12")
    assert rule.destination == 748239
    assert rule.triggers == ("file.created", "file.uploaded")
    assert [str(title) for title in rule.titles] == ["invoice"]
    assert (rule.recipients, rule.notify, rule.enabled) == (("manager@example.com",), (), True)


def test_a_third_party_destination_stays_a_text() -> None:
    assert parse(with_line('destination = "sbox-12-|x"')).rules[0].destination == "sbox-12-|x"


def test_a_byte_order_mark_is_not_a_fault() -> None:
    assert parse_rules(b"\xef\xbb\xbf" + GOOD.encode(), "rules.toml").rules


def test_a_notify_url_is_enough_and_never_shown() -> None:
    rules = parse(with_line('notify = ["slack://TOKEN"]').replace('recipients = ["manager@example.com"]', ""))
    assert rules.rules[0].notify[0].get_secret_value() == "slack://TOKEN"
    assert "TOKEN" not in repr(rules)
    assert "TOKEN" not in "".join(faults(with_line('notify = ["TOKEN"]')))
    assert "TOKEN" not in "".join(faults(with_line('notify = "slack://TOKEN"')))


def test_a_recipient_named_twice_is_told_once() -> None:
    rules = parse(with_line('recipients = ["a@b.example", "c@b.example", "A@B.example"]'))
    assert rules.rules[0].recipients == ("a@b.example", "c@b.example")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("rooms = 86190", "rooms: must be a list, such as [86190]"),
        ("rooms = []", "rooms: names no room: write an id, or name rooms by room_names or room_tags"),
        ('room_names = [" "]', 'room_names: an empty name fits no room; write "*" for every room'),
        ("room_names = [7]", "room_names: must be a text in quotes"),
        ('room_names = "Client *"', 'room_names: must be a list, such as ["Client *"]'),
        ('room_tags = [""]', "room_tags: an empty tag is on no room"),
        ('room_name = ["Client *"]', 'room_name: unknown key; did you mean "room_names"?'),
        ("rooms = [true]", "rooms: is not an id"),
        ("rooms = [1.5]", "rooms: is not an id"),
        ('rooms = [""]', "rooms: is not an id"),
        ("destination = 0", "destination: is not an id"),
        ("destination = '0'", "destination: is not an id"),
        (
            "triggers = ['file.upload']",
            'triggers: "file.upload" is no trigger of a file; did you mean "file.uploaded"?',
        ),
        ("triggers = []", "triggers: must hold at least one value"),
        ("titles = ['regex:(']", 'titles: "regex:(" is not a regular expression'),
        ("titles = [5]", "titles: "),
        ("recipients = ['manager']", 'recipients: "manager" is not an e-mail address'),
        ("recipients = ['a@b.example\\nBcc: x@y.example']", "recipients: "),
        ("recipients = ['a@b']", "recipients: "),
        ("recipients = []", "notify: nobody is told"),
        (
            "recipients = ['room_managers']",
            'recipients: "room_managers" is no recipient; did you mean "room-managers"?',
        ),
        ("recipients = [7]", "recipients: must be a text in quotes"),
        ("enabled = 'yes'", "enabled: must be true or false"),
        ("receipients = []", 'receipients: unknown key; did you mean "recipients"?'),
        ("Rooms = []", 'Rooms: unknown key; did you mean "rooms"?'),
        ("zzz = 1", "zzz: unknown key"),
    ],
)
def test_a_fault_names_file_rule_and_field(line, fault) -> None:
    lines = faults(with_line(line))
    assert len(lines) == 1, lines
    assert lines[0].startswith(f'rules.toml: rule "acme": {fault}')


def test_all_faults_come_at_once() -> None:
    lines = faults(
        with_line("rooms = []") + "\n[[rule]]\ndestination = true\nrecipients = []\n[[rule]]\nname = 'acme'\n"
    )
    assert [line.split(": ")[1:3] for line in lines] == [
        ['rule "acme"', "rooms"],
        ["rule 2", "name"],
        ["rule 2", "rooms"],
        ["rule 2", "destination"],
        ["rule 2", "notify"],
        ['rule "acme"', "rooms"],
        ['rule "acme"', "destination"],
        ['rule "acme"', "notify"],
        ['rule "acme"', "name"],
    ]
    assert lines[-1].endswith("the same for rules 1 and 3")


RECIPIENT = '[[recipient]]\naddress = "manager@example.com"\n'


def test_a_recipient_comes_before_the_rule_and_the_rule_before_nothing() -> None:
    lines = 'digest = ["13:00", "8:00"]\ndeputy = "ben@example.com"\ndeputy_until = 2026-12-24\n'
    rules = parse(GOOD + 'digest = "every 15 minutes"\nlanguage = "de"\n' + RECIPIENT + lines)
    told = Telling(
        digest=AtTimes((time(8), time(13))),
        language="de",
        deputy="ben@example.com",
        deputy_until=date(2026, 12, 24),
    )
    assert rules.telling("acme", "Manager@Example.com") == told
    assert rules.telling("acme", "other@example.com") == Telling(digest=AtMostEvery(900), language="de")
    assert rules.telling("gone", "other@example.com") == Telling()


def test_room_managers_stand_among_the_recipients() -> None:
    assert parse(with_line('recipients = ["room-managers", "a@b.example"]')).rules[0].recipients == (
        "room-managers",
        "a@b.example",
    )


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('digest = "daily"', 'digest: "daily" is no digest; write "at once", "every 15 minutes" or times'),
        ('digest = "every 0 minutes"', 'digest: "every 0 minutes" is not from 1 second to 24 hours'),
        ('digest = "every 25 hours"', 'digest: "every 25 hours" is not from 1 second to 24 hours'),
        ("digest = 5", "digest: is neither a text nor a list of times"),
        ("digest = []", "digest: is an empty list"),
        ('digest = ["08:00", "8:00"]', "digest: names 08:00 twice"),
        ('digest = ["24:00"]', 'digest: "24:00" is no time of the day'),
        ("digest = [08:00:00]", "digest: is a list of other things than texts"),
        ('hours = "Mon-Fri"', 'hours: "Mon-Fri" is no hours; write such as "Mon-Fri 08:00-18:00"'),
        ('hours = "Mo-Fr 08:00-18:00"', 'hours: "Mo" is no day of the week'),
        ('hours = "Mon 08:00-08:00"', 'hours: "Mon 08:00-08:00" begins and ends at the same time'),
        ('hours = "Mon 08:00-25:00"', 'hours: "25:00" is no time of the day'),
        ("hours = 8", "hours: is no text"),
        ('language = "xx"', 'language: "xx" is no language'),
        ('deputy = "ben"\ndeputy_until = 2026-12-24', 'deputy: "ben" is not an e-mail address'),
        ('deputy = "ben@example.com"', "deputy_until: is missing: the last day"),
        ("deputy_until = 2026-12-24", "deputy_until: needs a deputy"),
        ("not_taken = true", "not_taken: must be a time of the day in quotes"),
        ('not_taken = "25:00"', 'not_taken: "25:00" is no time of the day'),
        ('deputy = "ben@example.com"\ndeputy_until = "2026-12-24"', "deputy_until: must be a date without quotes"),
        ('deputy = "ben@example.com"\ndeputy_until = 2026-12-24T00:00:00', "deputy_until: must be a date without"),
        ('deputy = "Manager@example.com"\ndeputy_until = 2026-12-24', "deputy: is the recipient's own address"),
        ('adress = "x"', 'adress: unknown key; did you mean "address"?'),
    ],
)
def test_a_fault_of_a_recipient_names_address_and_field(line, fault) -> None:
    lines = faults(GOOD + RECIPIENT + line)
    assert len(lines) == 1, lines
    assert lines[0].startswith(f'rules.toml: recipient "manager@example.com": {fault}')


def test_faults_of_rules_and_recipients_come_at_once() -> None:
    lines = faults(with_line("rooms = []") + RECIPIENT + "hours = 1\n" + RECIPIENT + "[[recipient]]\n")
    assert [line.split(": ")[1:3] for line in lines] == [
        ['rule "acme"', "rooms"],
        ['recipient "manager@example.com"', "hours"],
        ["recipient 3", "address"],
        ['recipient "manager@example.com"', "address"],
    ]
    assert lines[-1].endswith("the same for recipients 1 and 2")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD + "[recipient]\naddress = 'a@b.de'", "write [[recipient]] in double brackets"),
        (GOOD.replace("[[rule]]", "recipient = 5\n[[rule]]"), "holds no recipient; write one under [[recipient]]"),
        ("", "holds no rule"),
        ("# nothing\n", "holds no rule"),
        ("rule = []", "holds no rule"),
        ("rule = 5", "holds no rule"),
        ("rule = [1]", "rule 1: is not a table"),
        ("[rule]\nname = 'x'", "write [[rule]] in double brackets"),
        (
            "[[rules]]\nname = 'x'",
            '"rules": unknown key; the file holds [[rule]], [[recipient]] and [[endpoint]] tables; did you mean "r',
        ),
        ("a = 1\nb =\n", "is not TOML: Invalid value (at line 2"),
        ("a = " + "[" * 100_000, "is not TOML"),
        ("a = " + "9" * 5_000, "is not TOML"),
        (GOOD + "enabled = false", "no rule is enabled"),
    ],
)
def test_a_file_without_usable_rules_says_why(text, fault) -> None:
    assert faults(text)[0].startswith(f"rules.toml: {fault}")


def test_bytes_that_are_not_utf8_are_told_with_their_line() -> None:
    with pytest.raises(RulesError, match="is not UTF-8: byte 0xe9 in line 2"):
        parse_rules(b"# a\n# \xe9\n", "rules.toml")


def test_a_file_that_cannot_be_read_is_named(tmp_path) -> None:
    with pytest.raises(RulesError, match=r"absent\.toml: cannot be read: No such file"):
        load_rules(tmp_path / "absent.toml")


def test_three_variables_make_the_rule_default() -> None:
    rule = single_rule("86190", "748239", "manager@example.com").rules[0]
    assert (rule.name, rule.rooms, rule.destination) == ("default", ("86190",), 748239)
    assert rule.recipients == ("manager@example.com",)


def test_bad_variables_are_named_all_at_once() -> None:
    with pytest.raises(RulesError) as caught:
        single_rule("", " ", "manager")
    names = [line.split(":")[0] for line in str(caught.value).splitlines()]
    assert names == ["CLIENT_ROOM_ID", "INCOMING_FOLDER_ID", "MANAGER_EMAIL"]


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_raise_anything_else(raw) -> None:
    with pytest.raises(RulesError):
        parse_rules(raw, "rules.toml")
