"""What the announcement of an invoice says: subject, plain text, HTML. Pure but for reading its own templates."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import jinja2

from notifier.facts import Facts, facts, for_chats, subject
from notifier.voice import Voice
from shared.wire.events import InvoiceFiled

PLAIN, HTML = "announcement.txt", "announcement.html"
ENGLISH = Voice()


@dataclass(frozen=True, slots=True)
class Announcement:
    subject: str
    """One line."""
    text: str
    html: str


class Texts:
    """What one person or place is told of an invoice, each form made when it is first asked for."""

    def __init__(
        self, invoice: InvoiceFiled, correlation_id: str, voice: Voice = ENGLISH, others: Sequence[str] = ()
    ) -> None:
        """`others`: whom else it is told."""
        self._invoice = invoice
        self._correlation_id = correlation_id
        self._voice = voice
        self._others = others

    @functools.cached_property
    def full(self) -> Announcement:
        return announcement(self._invoice, self._correlation_id, self._voice, self._others)

    @functools.cached_property
    def for_chat(self) -> Announcement:
        return chat_announcement(self._invoice, self._correlation_id, self._voice, self._others)


def announcement(
    invoice: InvoiceFiled, correlation_id: str, voice: Voice = ENGLISH, others: Sequence[str] = ()
) -> Announcement:
    """The mail about `invoice`: the same at every call."""
    said = facts(invoice, correlation_id, voice, others)
    return Announcement(subject(said, voice.say), _render(PLAIN, said, voice), _render(HTML, said, voice))


def chat_announcement(
    invoice: InvoiceFiled, correlation_id: str, voice: Voice = ENGLISH, others: Sequence[str] = ()
) -> Announcement:
    """The same for a chat, as text alone: no mention, link or markup in a title, name or id is obeyed there."""
    said = facts(invoice, correlation_id, voice, others, for_chats)
    return Announcement(subject(said, voice.say), _render(PLAIN, said, voice), html="")


def _render(name: str, said: Facts, voice: Voice) -> str:
    return _templates().get_template(name).render(said, _=voice.say)


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
