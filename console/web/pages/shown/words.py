"""Of one upload, what a person reads: a glyph, one of four words, a sentence. Pure. INTERIM"""

from datetime import datetime
from zoneinfo import ZoneInfo

from shared.store.history.upload import Standing, State, Upload
from shared.text.codes import Code

_CODES = {code.value: code for code in Code}
GLYPHS = {
    Standing.FILED: "✓",
    Standing.ON_ITS_WAY: "…",
    Standing.NEEDS_PERSON: "✗",
    Standing.NOT_INVOICE: "–",
}
WORDS = {
    Standing.FILED: "Filed",
    Standing.ON_ITS_WAY: "On its way",
    Standing.NEEDS_PERSON: "Needs a person",
    Standing.NOT_INVOICE: "Not an invoice",
}


def glyph(upload: Upload) -> str:
    return GLYPHS[upload.standing]


def word(upload: Upload) -> str:
    return WORDS[upload.standing]


def sentence(upload: Upload, now: float, zone: ZoneInfo) -> str:
    match upload.standing:
        case Standing.FILED if upload.announced_at is not None:
            who = ", ".join((*upload.recipients, *upload.channels)) or "nobody by name"
            return f"told {who} at {_clock(upload.announced_at, now, zone)}"
        case Standing.FILED if upload.state is State.WAITING:
            return f"filed, not told yet; {_next(upload, now, zone)}"
        case Standing.FILED:
            return "filed"
        case Standing.ON_ITS_WAY:
            return _next(upload, now, zone)
        case Standing.NEEDS_PERSON:
            remedy = _CODES[upload.code].remedy if upload.code in _CODES else ""
            return f"{upload.reason or 'no reason given'}{f'. {remedy}' if remedy else ''}"
        case Standing.NOT_INVOICE:
            return upload.reason or "no reason given"


def _next(upload: Upload, now: float, zone: ZoneInfo) -> str:
    if upload.next_at is not None:
        why = f": {upload.reason}" if upload.reason else ""
        return f"try {upload.attempt or 1} at {_clock(upload.next_at, now, zone)}{why}"
    return f"waits for the {upload.stage}" if upload.stage else "under way"


def _clock(at: float, now: float, zone: ZoneInfo) -> str:
    then, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    return f"{then:%H:%M}" if then.date() == today.date() else f"{then:%Y-%m-%d %H:%M}"
