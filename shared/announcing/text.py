"""What the announcement of an invoice says: subject, plain text, HTML. Pure but for reading its own templates."""

import functools
from collections.abc import Sequence
from typing import Protocol

import jinja2

from shared.announcing.facts import SUBJECT_CHARS, Facts, facts, for_chats, subject
from shared.announcing.voice import Voice
from shared.text.announcement import Announcement
from shared.text.outside import one_line
from shared.wire.events import InvoiceFiled

SUBJECT, PLAIN, HTML = "subject.txt", "announcement.txt", "announcement.html"
ENGLISH = Voice()


class OtherTemplates(Protocol):
    def render(self, name: str, said: Facts, /) -> str | None:
        """None where ours is to be used. Raises nothing."""


class Texts:
    """What one person or place is told of an invoice, each form made when it is first asked for."""

    def __init__(
        self,
        invoice: InvoiceFiled,
        correlation_id: str,
        voice: Voice = ENGLISH,
        others: Sequence[str] = (),
        own: OtherTemplates | None = None,
    ) -> None:
        """`others`: whom else it is told. `own`: templates that come before ours."""
        self._told = (invoice, correlation_id, voice, others)
        self._own = own

    @functools.cached_property
    def full(self) -> Announcement:
        return announcement(*self._told, own=self._own)

    @functools.cached_property
    def for_chat(self) -> Announcement:
        return chat_announcement(*self._told, own=self._own)


def announcement(
    invoice: InvoiceFiled,
    correlation_id: str,
    voice: Voice = ENGLISH,
    others: Sequence[str] = (),
    *,
    own: OtherTemplates | None = None,
) -> Announcement:
    """The mail about `invoice`: the same at every call."""
    said = facts(invoice, correlation_id, voice, others)
    return Announcement(*(_render(name, said, voice, own) for name in (SUBJECT, PLAIN, HTML)))


def chat_announcement(
    invoice: InvoiceFiled,
    correlation_id: str,
    voice: Voice = ENGLISH,
    others: Sequence[str] = (),
    *,
    own: OtherTemplates | None = None,
) -> Announcement:
    """The same for a chat, as text alone: no mention, link or markup in a title, name or id is obeyed there."""
    said = facts(invoice, correlation_id, voice, others, for_chats)
    line, text = (_render(name, said, voice, own) for name in (SUBJECT, PLAIN))
    return Announcement(line, text, html="")


def _render(name: str, said: Facts, voice: Voice, own: OtherTemplates | None) -> str:
    text = own.render(name, said) if own else None
    if name == SUBJECT:
        line = one_line(text)[:SUBJECT_CHARS] if text else ""
        return line or subject(said, voice.say)
    return text or template(name).render(said, _=voice.say)


def template(name: str) -> jinja2.Template:
    return _templates().get_template(name)


@functools.cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("shared.announcing"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
