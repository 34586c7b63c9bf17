"""Patterns of operators mean the same to the engine in linear time as to Python's own."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.rules import regex
from shared.rules.titles import normalise, title_test

ATOMS = (
    "a", "\u00e4", "inv", r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", ".", r"\.", r"\_", "_", "-", r"\u00e4", "[^a]",
    r"[^\W\d_]", r"[\w.-]", r"[^\s]", r"[\S ]", r"[]a]", r"[^]a]", r"[a\]b]", r"[\b_]", r"[a-z\u00e0-\u00ff]", "^",
    "$", r"\A", r"\Z", r"\t", r"\x41", r"\ ", r"\\", "[*]",
)  # fmt: skip
TIMES = ("", "", "?", "*", "+", "{2}", "{1,2}", "{,2}", "{1,}", "*?", "+?")
patterns = st.recursive(
    st.builds("{}{}".format, st.sampled_from(ATOMS[:-12] + ATOMS[-6:]), st.sampled_from(TIMES))
    | st.sampled_from(ATOMS),
    lambda inner: (
        st.builds("{}{}".format, inner, inner)
        | st.builds("({}|{})".format, inner, inner)
        | st.builds("(?:{})?".format, inner)
    ),
    max_leaves=6,
)
LETTERS = "aAbinvz\u00e4\u00c4\u00df\u1e9e\u212a\u017f\u0663\u096b\u00e9\u2160_-. ]\\\u00a0\u2003\u0301\u4e2d\t5"


def test_the_dotless_i_of_turkish_is_no_i() -> None:
    """Python takes it for one in another case. No title that was brought to one case holds its other half, `İ`."""
    assert not regex.search("^[a-z]")("\u0131nvoice")
    assert regex.search("^\u0131")("\u0131nvoice")


@settings(deadline=None)  # the first set with an escape such as \\W in it takes a second
@given(pattern=patterns, title=st.text(LETTERS, max_size=12))
@example(pattern="x{,2}$", title="x")
@example(pattern=r"[^\W\d_]", title="\u4e2d")
def test_a_pattern_takes_the_titles_that_pythons_own_engine_takes(pattern, title) -> None:
    try:
        wanted = re.compile(pattern, re.IGNORECASE)
    except re.error:
        return
    title = normalise(title)
    assert regex.search(pattern)(title) is bool(wanted.search(title))


@pytest.mark.parametrize("written", [r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"[\W]", r"[^\S]", r"[^\W\d_]"])
def test_a_class_holds_what_it_holds_in_python(written) -> None:
    taken, python = regex.search(written), re.compile(written)
    known = (chr(code) for code in range(0x20000) if unicodedata.category(chr(code)) not in {"Cn", "Cs", "Co"})
    folded = (char for char in known if char.casefold() == char)  # as titles are
    assert [char for char in folded if taken(char) != bool(python.search(char))] == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(inv)\1", r"it refers back to a group, with \1"),
        ("(?P<a>x)(?P=a)", "it refers back to a group, with (?P="),
        ("^(?!draft)", "it looks ahead or behind, with (?!"),
        ("(?<=re)inv", "it looks ahead or behind, with (?<="),
        ("(?>a)b", "has no lookaround, backreference, atomic group"),
        ("a{1001}", "count over 1,000"),
        ("\\b\u00fcbertrag", r"\b and \B know the letters of ASCII alone"),
        ("men\u00fc\\b", r"\b and \B know the letters of ASCII alone"),
        (r"\w{1,1000}x", "pattern too large"),
        ("(inv", "is not a regular expression: missing )"),
    ],
)
def test_what_the_engine_cannot_do_is_refused_with_a_sentence(pattern, why) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        regex.search(pattern)


def test_a_refusal_goes_to_no_other_stream(capfd) -> None:
    with pytest.raises(ValueError, match="refers back"):
        regex.search(r"(a)\1")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("regex:^STRA\u1e9eE", "stra\u00dfe"),
        ("regex:^\u0130nvoice", "\u0130NVOICE 5"),
        ("regex:^kunde", "\u212aunde"),
        (r"regex:^\w+$", "Gr\u00f6\u00dfe"),
        (r"regex:^re\d", "RE\u0663"),
        (r"regex:\bre\b", "Re 12"),
        ("regex:^e\u0301", "\u00c9t\u00e9"),
    ],
)
def test_letters_of_all_scripts_are_letters_in_any_case(written, title) -> None:
    assert title_test(written).matches(title)


def test_half_a_surrogate_pair_in_a_title_stops_nothing() -> None:
    assert title_test(r"regex:^inv.*\.pdf$").matches("Inv \ud83d.pdf")
