"""What became of an upload, in words: whatever the history can know of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.history.words import COLOURS, GLYPHS, WORDS, room, sentence, short_id, word
from shared.store.history.upload import Standing, State, Upload

NOW = datetime(2026, 11, 30, 14, 10, tzinfo=UTC).timestamp()
UPLOAD = Upload(
    correlation_id="5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11", state=State.WAITING, reason=None, file_id="7",
    title="Invoice 7.pdf", room="9", first_at=NOW - 600, last_at=NOW - 60, stage="mover", attempt=1,
)  # fmt: skip
FILED = replace(UPLOAD, filed_at=NOW - 300, stage="notifier")
TOLD = replace(
    FILED, state=State.FILED, announced_at=NOW - 120, recipients=("m@acme.example",), stage=None, attempt=None
)


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (UPLOAD, "On its way: at the mover"),
        (replace(UPLOAD, attempt=3, next_at=NOW + 60, reason="locked"), "On its way: try 3 at 14:11: locked"),
        (replace(UPLOAD, attempt=3, next_at=NOW - 60, reason="locked"), "On its way: try 3 is due: locked"),
        (replace(UPLOAD, attempt=2), "On its way: try 2 is due"),
        (replace(UPLOAD, stage=None), "On its way: nothing has happened yet"),
        (FILED, "Filed: not told yet: at the notifier"),
        (
            replace(FILED, attempt=2, next_at=NOW + 86_400, reason="the mail server is down"),
            "Filed: not told yet: try 2 at 2026-12-01 14:10: the mail server is down",
        ),
        (TOLD, "Filed: told m@acme.example at 14:08"),
        (replace(TOLD, channels=("slack",)), "Filed: told m@acme.example and 1 more at 14:08"),
        (replace(TOLD, recipients=(), channels=("slack",)), "Filed: told slack at 14:08"),
        (replace(TOLD, recipients=()), "Filed: told at 14:08"),
        (
            replace(TOLD, reason="another file of its name lies there too: file 8"),
            "Filed: told m@acme.example at 14:08; another file of its name lies there too: file 8",
        ),
        (replace(TOLD, announced_at=None), "Filed: told"),
        (replace(UPLOAD, state=State.FAILED, reason="no right"), "Needs a person: no right"),
        (replace(UPLOAD, state=State.FAILED), "Needs a person: the mover gave no reason"),
        (replace(FILED, state=State.FAILED, reason="550"), "Needs a person: filed, not told: 550"),
        (replace(UPLOAD, state=State.SKIPPED, reason="no rule"), "Not an invoice: no rule"),
        (replace(UPLOAD, state=State.SKIPPED), "Not an invoice: no reason was given"),
    ],
    ids=str,
)
def test_an_upload_is_told_in_one_of_four_words_and_a_sentence(upload: Upload, said: str) -> None:
    assert f"{word(upload)}: {sentence(upload, NOW, UTC)}" == said


def test_each_standing_has_a_word_a_sign_and_a_colour_of_its_own() -> None:
    for told in (WORDS, GLYPHS, COLOURS):
        assert set(told) == set(Standing)
        assert len(set(told.values())) == len(Standing)


def test_a_short_id_is_the_beginning_of_a_uuid_and_any_other_id_stays_whole() -> None:
    assert short_id(UPLOAD) == "5f0c8a52"
    assert short_id(replace(UPLOAD, correlation_id="of an older release")) == "of an older release"
    assert short_id(replace(UPLOAD, correlation_id="")) == "7"


def test_a_room_is_called_by_its_name_else_by_its_id() -> None:
    assert [room(replace(UPLOAD, room_title=name)) for name in ("Acme", None)] == ["Acme", "room 9"]
    assert room(replace(UPLOAD, room=None)) == ""
