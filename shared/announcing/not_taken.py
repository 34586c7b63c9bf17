"""What a person is told of uploads that no rule took: subject, plain text, HTML. Pure but for its templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shared.announcing.facts import CLIENT_CHARS, SUBJECT_CHARS, cut
from shared.announcing.text import template
from shared.announcing.voice import Voice
from shared.text.announcement import Announcement
from shared.text.outside import one_line

PLAIN, HTML = "not_taken.txt", "not_taken.html"
MOST_LISTED = 100
"""The most uploads that one message names."""


@dataclass(frozen=True, slots=True)
class Untaken:
    title: str
    client: str
    """The room's title; empty where it is not known."""
    rule: str
    """The name of the rule that would take it but for its title."""
    titles: tuple[str, ...]
    """The titles that this rule takes, as the rules file says them."""
    uploaded_by: str | None = None
    uploaded_at: str | None = None
    """ISO 8601."""
    fits: str | None = None
    """What to add to the rule's titles so that it takes such uploads."""


class OfRule(NamedTuple):
    client: str
    rule: str
    titles: str
    uploads: list[tuple[str, str]]
    """The title of each, and when it came and from whom."""
    fits: str
    more: int


def announcement(found: Sequence[Untaken], voice: Voice) -> Announcement:
    """About at least one upload, in their order. The same at every call."""
    groups: dict[tuple[str, str], list[Untaken]] = {}
    for each in found:
        groups.setdefault((one_line(each.client), one_line(each.rule)), []).append(each)
    left, parts = MOST_LISTED, []
    for (client, rule), uploads in groups.items():
        parts.append(_of_rule(client, rule, uploads, left, voice))
        left = max(0, left - len(uploads))
    subject = _subject([*dict.fromkeys(client for client, _ in groups)], found, voice)
    said = {"language": voice.language, "subject": subject, "parts": parts}
    return Announcement(subject, *(template(name).render(said, _=voice.say) for name in (PLAIN, HTML)))


def _of_rule(client: str, rule: str, uploads: list[Untaken], most: int, voice: Voice) -> OfRule:
    named = [
        (
            one_line(each.title) or voice.say("Untitled"),
            " · ".join(filter(None, [one_line(voice.moment(each.uploaded_at)), one_line(each.uploaded_by or "")])),
        )
        for each in uploads[:most]
    ]
    fits = dict.fromkeys(each.fits for each in uploads if each.fits)
    return OfRule(
        client, rule, ", ".join(map(one_line, uploads[0].titles)), named, ", ".join(map(one_line, fits)),
        len(uploads) - len(named),
    )  # fmt: skip


def _subject(clients: list[str], found: Sequence[Untaken], voice: Voice) -> str:
    if len(found) == 1:
        what = voice.say("Not taken as an invoice: %(title)s") % {
            "title": one_line(found[0].title) or voice.say("Untitled")
        }
    else:
        what = voice.say("Not taken as invoices: %(count)s uploads") % {"count": len(found)}
    client = cut(clients[0], CLIENT_CHARS) if len(clients) == 1 else ""
    return cut(f"{client}: {what}" if client else what, SUBJECT_CHARS)
