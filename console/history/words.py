"""What became of an upload, in words for people: one of four, and a sentence. The command line and the web say it.

Pure. Filed and told are two facts, so what is filed and not told yet says so.
"""

from datetime import tzinfo

from console.history.dates import clock
from shared.store.history.upload import Standing, State, Upload

WORDS = {
    Standing.FILED: "Filed",
    Standing.ON_ITS_WAY: "On its way",
    Standing.NEEDS_PERSON: "Needs a person",
    Standing.NOT_INVOICE: "Not an invoice",
}
GLYPHS = {
    Standing.FILED: "✓",
    Standing.ON_ITS_WAY: "→",
    Standing.NEEDS_PERSON: "!",
    Standing.NOT_INVOICE: "·",
}
"""Beside the word: a colour alone tells some people nothing."""
COLOURS = {
    Standing.FILED: "green",
    Standing.ON_ITS_WAY: "yellow",
    Standing.NEEDS_PERSON: "red",
    Standing.NOT_INVOICE: "bright_black",
}
SHORT_ID = 8
"""Characters of an upload's id; every command that takes an id takes these."""


def word(upload: Upload) -> str:
    return WORDS[upload.standing]


def glyph(upload: Upload) -> str:
    return GLYPHS[upload.standing]


def short_id(upload: Upload) -> str:
    """What a person copies. An id that no UUID is stays whole; the ledger's uploads have the file's alone."""
    whole = upload.correlation_id
    return (whole[:SHORT_ID] if whole[SHORT_ID : SHORT_ID + 1] == "-" else whole) or upload.file_id or ""


def title(upload: Upload) -> str:
    return upload.title or "untitled"


def room(upload: Upload) -> str:
    """Its name, where any event told it."""
    return upload.room_title or (f"room {upload.room}" if upload.room else "")


def sentence(upload: Upload, now: float, zone: tzinfo | None = None) -> str:
    """Who was told, or why it is where it is and what comes next. `now` is seconds since the epoch."""
    match upload.standing:
        case Standing.FILED:
            return _filed(upload, now, zone)
        case Standing.ON_ITS_WAY:
            return _next(upload, now, zone)
        case Standing.NEEDS_PERSON:
            why = upload.reason or f"the {upload.stage or 'worker'} gave no reason"
            return f"filed, not told: {why}" if upload.filed_at is not None else why
        case Standing.NOT_INVOICE:
            return upload.reason or "no reason was given"


def _filed(upload: Upload, now: float, zone: tzinfo | None) -> str:
    if upload.told_later and upload.next_at is not None:
        return f"to be told at {clock(upload.next_at, now, zone)}" if upload.next_at > now else "being told"
    if upload.state is State.WAITING:
        return f"not told yet: {_next(upload, now, zone)}"
    if upload.announced_at is None:
        return upload.reason or ("told" if upload.state is State.FILED else "not told")
    told = f"told{_whom(upload)} at {clock(upload.announced_at, now, zone)}"
    return f"{told}; {upload.reason}" if upload.reason else told


def _whom(upload: Upload) -> str:
    first, *more = (*upload.recipients, *upload.channels) or ("",)
    others = f" and {len(more)} more" if more else ""
    return f" {first}{others}" if first else ""


def _next(upload: Upload, now: float, zone: tzinfo | None) -> str:
    why = f": {upload.reason}" if upload.reason else ""
    if upload.next_at is not None and upload.next_at > now:
        return f"try {upload.attempt} at {clock(upload.next_at, now, zone)}{why}"
    if upload.attempt is not None and upload.attempt > 1:
        return f"try {upload.attempt} is due{why}"
    return f"at the {upload.stage}{why}" if upload.stage else upload.reason or "nothing has happened yet"
