"""An upload as a line of a list: what is shown of it, cut and made harmless. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from console.web.pages.shown.words import glyph, sentence, word
from shared.store.history.upload import Standing, Upload
from shared.text.outside import MARK, one_line

TONES = {
    Standing.FILED: "ok",
    Standing.ON_ITS_WAY: "warning",
    Standing.NEEDS_PERSON: "bad",
    Standing.NOT_INVOICE: "quiet",
}
TITLE_CHARS, SENTENCE_CHARS = 160, 400


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    title: str
    room_id: str
    room: str
    first_at: float
    glyph: str
    word: str
    tone: str
    """The class of its colour; glyph and word say the same."""
    sentence: str


def rows(uploads: Iterable[Upload], now: float, zone: ZoneInfo) -> list[Row]:
    return [row(upload, now, zone) for upload in uploads]


def row(upload: Upload, now: float, zone: ZoneInfo) -> Row:
    return Row(
        id=upload.correlation_id,
        title=shown(upload.title or "untitled"),
        room_id=upload.room or "",
        room=shown(upload.room_title or upload.room or ""),
        first_at=upload.first_at,
        glyph=glyph(upload),
        word=word(upload),
        tone=TONES[upload.standing],
        sentence=shown(sentence(upload, now, zone), SENTENCE_CHARS),
    )


def shown(text: str, most: int = TITLE_CHARS) -> str:
    """On one line, without what turns it round, and no longer than a page bears."""
    line = one_line(text)
    return line if len(line) <= most else line[: most - len(MARK)] + MARK
