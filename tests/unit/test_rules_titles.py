"""How titles are compared."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.rules.titles import normalise, title_test

INVOICE = title_test("invoice")
NOISE = st.text("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e \t\u00a0\u3000\u2009", max_size=4)


@given(st.text())
@example("\u0345\u0301")
@example("\u0149\u200b\uff29nvoice")
@example(" \u0308")
def test_normalising_twice_changes_nothing_more(title) -> None:
    assert normalise(normalise(title)) == normalise(title)


@given(st.text())
@example("\u03b1\u0345\u0301")
def test_how_a_letter_is_composed_makes_no_difference(title) -> None:
    assert normalise(unicodedata.normalize("NFD", title)) == normalise(unicodedata.normalize("NFC", title))
    assert normalise(unicodedata.normalize("NFD", title)) == normalise(title)


@given(
    before=NOISE,
    inside=st.lists(st.sampled_from(["", "\u200b", "\ufeff", "\u00ad"]), min_size=7, max_size=7),
    upper=st.lists(st.booleans(), min_size=7, max_size=7),
    rest=st.text(),
)
def test_an_invoice_is_seen_through_case_space_and_invisible_characters(before, inside, upper, rest) -> None:
    letters = [letter.upper() if up else letter for letter, up in zip("invoice", upper, strict=True)]
    word = "".join(letter + zero for letter, zero in zip(letters, inside, strict=True))
    assert INVOICE.matches(f"{before}{word} {rest}")


@pytest.mark.parametrize("title", ["Contract.pdf", "My invoice.pdf", "in voice.pdf", "", "Involce 1.pdf"])
def test_other_titles_are_no_invoices(title) -> None:
    assert not INVOICE.matches(title)


@pytest.mark.parametrize(
    ("pattern", "title", "matches"),
    [
        ("prefix:Rechnung", "rechnung 5.pdf", True),
        ("re: paid", "Re: Paid 5.pdf", True),
        ("glob:*rechnung*.pdf", "Ihre RECHNUNG 7.PDF", True),
        ("glob:*rechnung*.pdf", "Ihre Rechnung 7.docx", False),
        ("glob:invoice", "invoice 1", False),
        ("GLOB:inv?ice*", "Invoice", True),
        (r"regex:^(inv|re)[-_ ]?\d+", "INV-17.pdf", True),
        (r"regex:^(inv|re)[-_ ]?\d+", "xINV-17.pdf", False),
        (r"regex:INV\D\d", "inv-7", True),
        (r"regex:INV\D\d", "inv77", False),
        (r"regex:\d+$", "scan 17", True),
        ("regex:^straße", "STRASSE 1", True),
        ("facture n\u00b0", "FACTURE N\u00b0 5", True),
        ("re\u0301sume\u0301", "R\u00c9SUM\u00c9.pdf", True),
        ("glob:re\u0301sum*", "R\u00c9SUM\u00c9.pdf", True),
        ("regex:^re\u0301", "R\u00c9SUM\u00c9.pdf", True),
        ("Rechnung: 12", "RECHNUNG: 12.pdf", True),
        ("Globex: 5", "globex: 5", True),
        ("prefix:regexp:^inv", "RegExp:^inv", True),
        ("Regex : ^inv", "Inv 5", True),
    ],
)
def test_prefix_glob_and_regex(pattern, title, matches) -> None:
    assert title_test(pattern).matches(title) is matches


@pytest.mark.parametrize("pattern", ["", "  ", "\u200b", "prefix:", "glob:", "regex: "])
def test_an_empty_pattern_is_refused(pattern) -> None:
    with pytest.raises(ValueError, match="empty"):
        title_test(pattern)


def test_a_bad_regex_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=re.escape('"regex:(inv" is not a regular expression')):
        title_test("regex:(inv")


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ("regexp:^inv", "regex"), ("Regx: ^inv", "regex"), ("re:^inv", "regex"), ("reg:(inv|bill)", "regex"),
        ("rx:inv.*", "regex"), ("globs:*inv*", "glob"), ("glob :*", None), ("globe:*", "glob"),
        ("prefixes:inv", "prefix"), ("Re: your invoice", None), ("re:inv", None), ("12:30", None),
        (":inv", None), ("inv:(12)", None),
    ],
)  # fmt: skip
def test_a_kind_that_is_misspelt_is_refused_with_the_one_that_was_meant(pattern, kind) -> None:
    if kind is None:
        assert title_test(pattern)
        return
    with pytest.raises(ValueError, match=f'did you mean "{kind}:"') as refused:
        title_test(pattern)
    assert f'"prefix:{pattern}"' in str(refused.value)


HOSTILE = [
    "a" * 100_000,
    "\u00e4" * 100_000,
    "a" + "\u0300\u0316" * 50_000,
    "a_" * 50_000,
    "\\[" * 50_000,
    " " * 100_000,
]


@pytest.mark.parametrize(
    "pattern", [r"regex:^(\w+[-_ ]?)+\.pdf$", "regex:(a+)+b", r"regex:(\s*\w*)*x", "glob:*a*a*a*?a*.pdf", "invoice"]
)
@pytest.mark.timeout(30)
def test_no_title_of_100000_characters_holds_a_pattern_up(pattern) -> None:
    parsed = title_test(pattern)
    assert [parsed.matches(title) for title in HOSTILE] == [False] * len(HOSTILE)


def test_a_pattern_is_shown_as_it_is_written() -> None:
    assert [str(title_test(text)) for text in ("Invoice", "prefix:Bill", "glob:*x")] == [
        "Invoice",
        "Bill",
        "glob:*x",
    ]


@given(st.text(min_size=1).filter(normalise))
def test_every_title_starts_with_itself(title) -> None:
    assert title_test(f"prefix:{title}").matches(title)
