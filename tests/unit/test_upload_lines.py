"""One line an upload, at the width of the terminal: with titles as wide, as long and as hostile as they come."""

import json
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from console.history import view
from console.terminal.width import fit, pad, width, wrapped
from shared.store.history.step import Outcome, Step
from shared.store.history.upload import State, Upload, upload_of

NOW = 2_000_000_000.0
STEP = Step(
    key="k", correlation_id="5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11", at=NOW - 7200, stage="mover",
    outcome=Outcome.DEAD, type="invoice.detected", message_id="m", title="Invoice 7.pdf", file_id="7", room="9",
    room_title="Acme", reason="the service user may not move the file", code="no-right",
)  # fmt: skip
UPLOAD = upload_of([STEP])
TITLES = {
    "short": "a.pdf",
    "long": "Invoice " + "4711 " * 60 + ".pdf",
    "one word": "x" * 300,
    "wide": "請求書 四七一二 株式会社アクメ二〇二六年十一月分.pdf",
    "accents": "Re\u0301sume\u0301 fu\u0308r Ma\u0308rz und das ganze u\u0308brige Jahr 2026.pdf",
    "emoji": "Invoice 🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾.pdf",
    "hostile": "\x1b[31mred\x07\u202egpj.exe\r\n! 9d Needs a person\t" + "\u200b" * 50,
    "none": None,
}
ROOMS = ("Acme", "日本支社の部屋と長い名前", "R" * 100, None)


def uploads() -> list[Upload]:
    return [
        replace(UPLOAD, title=title, room_title=room, state=state, reason=None if title is None else title * 2)
        for title, room, state in product(TITLES.values(), ROOMS, State)
    ]


@pytest.mark.parametrize("columns", [60, 80, 133])
def test_a_line_is_never_wider_than_the_terminal(columns: int) -> None:
    told = list(view.lines(uploads(), NOW, columns))
    assert len(told) == len(uploads())
    assert [line for line in told if cell_len(line) > columns or not line.isprintable()] == []
    assert {cell_len(line) for line in told} & {columns - 1, columns}


def test_a_line_tells_sign_age_word_short_id_title_room_and_why() -> None:
    (line,) = view.lines([UPLOAD], NOW, 200)
    assert line == "!   2h Needs a person 5f0c8a52 Invoice 7.pdf Acme the service user may not move the file"


def test_at_80_columns_title_and_why_are_cut_with_a_mark_and_the_rest_stays_whole() -> None:
    long = replace(UPLOAD, title=TITLES["long"])
    (line,) = view.lines([long], NOW, 80)
    assert line == "!   2h Needs a person 5f0c8a52 Invoice 4711 4711 47… Acme the service user may…"


def test_columns_stand_below_each_other_whatever_the_titles_are() -> None:
    many = [replace(UPLOAD, title=title) for title in TITLES.values()]
    starts = {cell_len(line[: line.index("Acme")]) for line in view.lines(many, NOW, 80)}
    assert len(starts) == 1


def test_wide_lines_cut_nothing_and_hold_every_id() -> None:
    for upload, line in zip(uploads(), view.lines(uploads(), NOW, None), strict=True):
        assert upload.correlation_id in line
        assert "file 7" in line
        assert "…" not in line
        assert line.isprintable()


def test_a_step_breaks_between_words_alone() -> None:
    reason = "a reason of many words that says what is missing and names https://portal.example/" + "p" * 70
    told = list(view.step_lines([replace(STEP, reason=reason)], 80))
    assert len(told) > 2
    assert " ".join(" ".join(told).split()).endswith(f"no-right: {reason}")
    assert [line for line in told if len(line) > 80 and "https" not in line] == []


def test_a_timeline_says_what_to_do_and_how_it_is_retried() -> None:
    told = list(view.heading(UPLOAD, NOW, 80))
    assert told[0] == "! Needs a person: Invoice 7.pdf"
    assert any(line.startswith("  what to do: give it the role") for line in told)
    assert "  then: intake retry 5f0c8a52" in told
    assert all(cell_len(line) <= 80 for line in told)


def test_json_tells_times_in_utc_and_the_standing_beside_the_state() -> None:
    (told,) = json.loads(json.dumps(view.uploads_record([replace(UPLOAD, filed_at=0.5)])))
    assert (told["state"], told["standing"], told["filed_at"]) == (
        "failed",
        "needs a person",
        "1970-01-01T00:00:00.500Z",
    )
    assert (told["next_at"], told["correlation_id"]) == (None, UPLOAD.correlation_id)


@given(st.text(st.characters(blacklist_categories=("C", "Z"))), st.integers(0, 40))
@settings(max_examples=300)
def test_text_is_cut_to_what_a_terminal_needs_for_it(text: str, columns: int) -> None:
    assert width(fit(text, columns)) <= columns
    assert fit(text, width(text)) == text
    assert width(pad(fit(text, columns), columns)) == columns


@pytest.mark.parametrize("text", [title for title in TITLES.values() if title and title.isprintable()])
def test_text_is_as_wide_as_the_terminal_library_says(text: str) -> None:
    assert width(text) == cell_len(text)


@given(st.lists(st.text("abc日", min_size=1, max_size=30)), st.integers(1, 40))
def test_wrapped_lines_hold_the_same_words_and_fit_unless_one_word_does_not(words: list[str], columns: int) -> None:
    lines = list(wrapped(" ".join(words), columns))
    assert [word for line in lines for word in line.split(" ")] == words
    assert all(width(line) <= columns or " " not in line for line in lines)
