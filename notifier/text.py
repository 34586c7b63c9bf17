"""What the announcement of an invoice says: subject, plain text, HTML. Pure but for reading its own templates."""

import functools
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import jinja2

from shared.docspace.ids import is_own_storage
from shared.text.outside import for_chat, one_line
from shared.wire.events import EntryId, InvoiceFiled

SUBJECT_CHARS = 200
"""Longer than any title that DocSpace takes (170), and short enough for every mail client."""


@dataclass(frozen=True, slots=True)
class Announcement:
    subject: str
    """One line."""
    text: str
    html: str


class Texts:
    """The texts about an invoice. Each form is made when it is first asked for."""

    def __init__(self, invoice: InvoiceFiled, correlation_id: str) -> None:
        self._invoice = invoice
        self._correlation_id = correlation_id

    @functools.cached_property
    def full(self) -> Announcement:
        return announcement(self._invoice, self._correlation_id)

    @functools.cached_property
    def for_chat(self) -> Announcement:
        return chat_announcement(self._invoice, self._correlation_id)


def announcement(invoice: InvoiceFiled, correlation_id: str) -> Announcement:
    """The mail about `invoice`: the same for every recipient, and the same at every call."""
    facts = _facts(invoice, correlation_id)
    return Announcement(
        subject=_subject(str(facts["title"]), invoice.namesakes),
        text=_templates().get_template("announcement.txt").render(facts),
        html=_templates().get_template("announcement.html").render(facts),
    )


def chat_announcement(invoice: InvoiceFiled, correlation_id: str) -> Announcement:
    """The same for a chat, as text alone: no mention, link or markup in a title, name or id is obeyed there."""
    facts = _facts(invoice, correlation_id)
    inert = {name: fact if name == "link" else for_chat(str(fact)) for name, fact in facts.items()}
    text = _templates().get_template("announcement.txt").render(inert)
    return Announcement(subject=_subject(str(inert["title"]), invoice.namesakes), text=text, html="")


def _facts(invoice: InvoiceFiled, correlation_id: str) -> dict[str, str | int]:
    return {
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


def _subject(title: str, namesakes: tuple[EntryId, ...]) -> str:
    """The subject. It differs for two files of the same name."""
    end = ""
    if namesakes:
        number = namesakes[0] if is_own_storage(namesakes[0]) else ""  # else a path that ends with the name
        end = f" (same name as file {number})" if number else " (same name as another file)"
    subject, room = f"Invoice filed: {title}", SUBJECT_CHARS - len(end)
    return (subject if len(subject) <= room else subject[: room - 1].rstrip() + "…") + end


def _utc(moment: str | None) -> str:
    """Such as `2026-11-24 18:19 UTC`. What is not an ISO 8601 time is shown as it came."""
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
