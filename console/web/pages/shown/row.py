"""An upload as a line of a list: what is shown of it, cut and made harmless. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from console.history import words
from console.web.outside import shown
from shared.store.history.upload import Standing, State, Upload

TONES = {
    Standing.FILED: "ok",
    Standing.ON_ITS_WAY: "warning",
    Standing.NEEDS_PERSON: "bad",
    Standing.NOT_INVOICE: "quiet",
}
SENTENCE_CHARS = 400


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
    waits: bool
    """For its next try."""


def rows(uploads: Iterable[Upload], now: float, zone: ZoneInfo) -> list[Row]:
    return [row(upload, now, zone) for upload in uploads]


def row(upload: Upload, now: float, zone: ZoneInfo) -> Row:
    return Row(
        id=upload.correlation_id,
        title=shown(words.title(upload)),
        room_id=upload.room or "",
        room=shown(words.room(upload)),
        first_at=upload.first_at,
        glyph=words.glyph(upload),
        word=words.word(upload),
        tone=TONES[upload.standing],
        sentence=shown(words.sentence(upload, now, zone), SENTENCE_CHARS),
        waits=upload.state is State.WAITING and upload.next_at is not None,
    )
