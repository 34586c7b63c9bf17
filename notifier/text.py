"""What the announcement of an invoice says: subject, plain text, HTML. Pure but for reading its own templates."""

import functools
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

import jinja2

from shared.docspace.ids import is_own_storage
from shared.events import EntryId, InvoiceFiled

SUBJECT_CHARS = 200
"""Longer than any title that DocSpace takes (170), and short enough for every mail client."""

# Cc control, Cs lone surrogate, Zl and Zp line breaks. Cf stays (emoji and Persian need its joiners) but for BIDI.
BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They can make `gpj.exe` read as `exe.jpg`."""


@dataclass(frozen=True, slots=True)
class Announcement:
    subject: str
    """One line."""
    text: str
    html: str


def announcement(invoice: InvoiceFiled, correlation_id: str) -> Announcement:
    """The message about `invoice`: the same for every recipient, and the same at every call."""
    facts = {
        "title": one_line(invoice.title) or "Untitled",
        "uploaded_by": one_line(invoice.uploaded_by or ""),
        "uploaded_at": _utc(invoice.uploaded_at),
        "room": one_line(invoice.room_title or str(invoice.room_id or "")),
        "destination": one_line(str(invoice.destination)),
        "file_id": one_line(str(invoice.file_id)),
        "version": invoice.version,
        "namesakes": one_line(", ".join(map(str, invoice.namesakes))),
        "link": _link(invoice.web_url),
        "rule": one_line(invoice.rule),
        "correlation_id": one_line(correlation_id),
    }
    templates = _templates()
    return Announcement(
        subject=_subject(str(facts["title"]), invoice.namesakes),
        text=templates.get_template("announcement.txt").render(facts),
        html=templates.get_template("announcement.html").render(facts),
    )


def one_line(text: str) -> str:
    """`text` without what could break a header or a line: each run of such characters becomes one space."""
    kept = (" " if unicodedata.category(char) in BREAKING or char in BIDI else char for char in text)
    return " ".join("".join(kept).split())


def _subject(title: str, namesakes: tuple[EntryId, ...]) -> str:
    """Two mails about two files of one name have two subjects."""
    end = ""
    if namesakes:
        number = namesakes[0] if is_own_storage(namesakes[0]) else ""  # else it is a path, with the name once more
        end = f" (same name as file {number})" if number else " (same name as another file)"
    subject, room = f"Invoice filed: {title}", SUBJECT_CHARS - len(end)
    return (subject if len(subject) <= room else subject[: room - 1].rstrip() + "…") + end


def _utc(moment: str | None) -> str:
    """`2026-11-24 18:19 UTC`; what is no ISO 8601 time is shown as it came."""
    if not moment:
        return ""
    try:
        at = datetime.fromisoformat(moment)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return one_line(moment)
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _link(url: str | None) -> str:
    """The URL if a person may safely click on it, else nothing."""
    return url if url and re.fullmatch(r"https?://[^\s\x00-\x20\x7f\"<>]+", url) else ""


@functools.cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("notifier"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
