"""What one message about several invoices says: subject, plain text, HTML. Pure but for reading its templates."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from shared.announcing.facts import CLIENT_CHARS, REFERENCE_CHARS, SUBJECT_CHARS, Facts, cut, facts, for_chats
from shared.announcing.text import template
from shared.announcing.voice import Voice
from shared.text.announcement import Announcement
from shared.text.outside import one_line
from shared.wire.events import InvoiceFiled

PLAIN, HTML = "digest.txt", "digest.html"


@dataclass(frozen=True, slots=True)
class Named:
    """One of the invoices."""

    invoice: InvoiceFiled
    correlation_id: str


class Client(NamedTuple):
    name: str
    """The room's title; empty where it is not known."""
    invoices: list[Facts]


class DigestFacts(TypedDict):
    language: str
    subject: str
    clients: list[Client]
    """In the order in which the first invoice of each came."""
    next_step: str
    rules: str
    """The names of the rules that took them."""
    reference: str


class DigestTexts:
    """Each form, made when it is first asked for: the same at every call."""

    def __init__(self, named: Sequence[Named], reference: str, voice: Voice) -> None:
        """`named`: at least two, in the order in which they came. `reference`: what the message is found by."""
        self._named = named
        self._reference = reference
        self._voice = voice

    @functools.cached_property
    def full(self) -> Announcement:
        said = self._said(one_line)
        return Announcement(said["subject"], self._render(PLAIN, said), self._render(HTML, said))

    @functools.cached_property
    def for_chat(self) -> Announcement:
        said = self._said(for_chats)
        return Announcement(said["subject"], self._render(PLAIN, said), html="")

    def _said(self, clean: Callable[[str], str]) -> DigestFacts:
        voice = self._voice
        each = [facts(one.invoice, one.correlation_id, voice, clean=clean) for one in self._named]
        by_client: dict[str, list[Facts]] = {}
        for said in each:
            by_client.setdefault(said["client"], []).append(said)
        return DigestFacts(
            language=voice.language,
            subject=_subject(by_client, voice.say),
            clients=[Client(name, invoices) for name, invoices in by_client.items()],
            next_step=voice.say("Check the invoices. They are in their folders already."),
            rules=", ".join(dict.fromkeys(said["rule"] for said in each)),
            reference=self._reference[:REFERENCE_CHARS],
        )

    def _render(self, name: str, said: DigestFacts) -> str:
        return template(name).render(said, _=self._voice.say)


def _subject(by_client: dict[str, list[Facts]], say: Callable[[str], str]) -> str:
    """Of one client, the client first; of several, how many."""
    count = sum(map(len, by_client.values()))
    client = cut(next(iter(by_client)), CLIENT_CHARS)
    if len(by_client) > 1:
        return say("%(count)s invoices of %(clients)s clients") % {"count": count, "clients": len(by_client)}
    if not client:
        return say("%(count)s invoices") % {"count": count}
    return cut(say("%(client)s: %(count)s invoices") % {"client": client, "count": count}, SUBJECT_CHARS)
