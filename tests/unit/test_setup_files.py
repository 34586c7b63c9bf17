"""What a setup writes: a `.env` that keeps what is not ours, rules that can be read, files that are whole."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.setup import dotenv, files
from console.setup.address_step import doubts
from console.setup.choosing import ChoiceError, named
from console.setup.rules_text import NewRule, free_name, with_rule
from shared.docspace.model import FolderInfo
from shared.docspace.places import Page
from shared.rules.file import parse_rules

VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_characters="'\\\x7f"))
BEFORE = "# a comment\nMINE='a b'\n\nexport A=1 # why\nA=2\n#B=3\n"


@given(VALUES)
def test_what_is_written_is_read_again(value: str) -> None:
    try:
        text = dotenv.changed(BEFORE, {"B": value})
    except ValueError:
        assert not value.isprintable()
        return
    assert dotenv.values(text) == {"MINE": "a b", "A": "2", "B": value}
    assert text.startswith(BEFORE)


@pytest.mark.parametrize(
    "value", ["sk-1", "a$HOME b", 'say "x"', "p%24w#d", "`id`", "smtp://u:p;&|@h:25", "a\\b", "", " "]
)
def test_a_shell_reads_what_was_written(value: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(dotenv.changed("", {"B": value}))
    read = subprocess.run(
        ["sh", "-c", '. ./.env; printf "[%s]" "$B"'], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert read.stdout == f"[{value}]"


@pytest.mark.parametrize("value", ["it's", "a\nb", "ends in \\", "\x1b[2J"])
def test_what_no_env_can_hold_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL holds a quote") as caught:
        dotenv.changed("", {"SMTP_URL": value})
    assert value not in str(caught.value)


def test_a_value_replaces_the_one_that_counts_and_a_dropped_one_is_commented() -> None:
    text = dotenv.changed(BEFORE, {"A": "5", "MINE": None, "NEVER": None})
    assert text == "# a comment\n#MINE='a b'\n\nexport A=1 # why\nA=5\n#B=3\n"
    assert dotenv.values(text) == {"A": "5"}


def test_quotes_and_comments_are_not_part_of_a_value() -> None:
    text = 'A=1 # x\nB=\'1 # x\'\nC="a \\"b\\"" # c\nD=\nE=a#b\nnot a line\n'
    assert dotenv.values(text) == {"A": "1", "B": "1 # x", "C": 'a "b"', "D": "", "E": "a#b"}


@given(
    st.text(min_size=1), st.text(), st.lists(st.sampled_from(["invoice", "glob:*r\\e*", 'regex:"^x"']), max_size=2)
)
def test_any_title_of_a_room_makes_a_rule_that_can_be_read(name: str, title: str, titles: list[str]) -> None:
    named_so = free_name(name, [])
    if not named_so:
        return
    rule = NewRule(named_so, 86190, title, "sbox-12-|a", title, ["a@b.example"], tuple(titles))
    (read,) = parse_rules(with_rule("", rule).encode(errors="surrogatepass"), "rules").rules
    assert (read.name, read.rooms, read.destination) == (named_so, ("86190",), "sbox-12-|a")
    assert [str(each) for each in read.titles] == (titles or ["invoice"])


def test_a_rule_that_joins_a_file_leaves_recipients_and_comments_alone() -> None:
    before = with_rule("", NewRule("a", 1, "", 2, "", ["a@b.example"])) + (
        '[[recipient]]\naddress = "a@b.example"  # Anna\nhours = "Mon 08:00-09:00"\n'
    )
    text = with_rule(before, NewRule("b", 3, "", 4, "", ["room-managers"]))
    read = parse_rules(text.encode(), "rules")
    assert text.startswith(before)
    assert [rule.recipients for rule in read.rules] == [("a@b.example",), ("room-managers",)]
    assert [str(each.hours) for each in read.recipients] == ["Mon 08:00-09:00"]


def test_no_two_rules_share_a_name() -> None:
    assert free_name("Acme", ["Acme", "Acme 2"]) == "Acme 3"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target, link = tmp_path / "real.env", tmp_path / ".env"
    link.symlink_to(target)
    files.write(link, "A=1\n", files.SECRET)
    with pytest.raises(UnicodeEncodeError):
        files.write(link, "A=2\n\udcff", files.SECRET)
    assert (target.read_text(), link.is_symlink()) == ("A=1\n", True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "real.env"]


@pytest.mark.parametrize(
    ("url", "count"),
    [
        ("https://hooks.example.com/docspace/webhook", 0),
        ("http://hooks.example.com/docspace/webhook", 1),
        ("https://10.0.0.7/docspace/webhook", 1),
        ("http://localhost:3000/docspace/webhook", 2),
    ],
)
def test_what_a_portal_in_the_cloud_would_not_call(url: str, count: int) -> None:
    assert len(doubts(url)) == count


TITLES = ["Alpha", "alpha beta", "2026", "Twin", "twin"]


def find(text: str, start: int, count: int) -> Page:
    held = [
        FolderInfo(id=number, title=title)
        for number, title in enumerate(TITLES, 1)
        if text.lower() in title.lower()
    ]
    return Page(tuple(held[start : start + count][:1]), len(held))


def test_a_name_is_the_whole_title_in_any_case_wherever_in_the_pages_it_is() -> None:
    assert named(" ALPHA ", find, "room").id == 1
    assert named("2026", find, "room").title == "2026"
    for text, told in (("twin", "4, 5"), ("alph", '"Alpha", "alpha beta"'), ("x", 'no room "x"')):
        with pytest.raises(ChoiceError, match=told):
            named(text, find, "room")
