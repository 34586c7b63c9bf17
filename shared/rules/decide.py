"""Decides whether a webhook is about an invoice, by the rules, the webhook and what is known so far. Pure.

The cheapest question comes first, and what only the portal knows is asked for (`Ask`) once everything before it is
settled: a portal's ordinary traffic costs no call. A question without an answer is never a "no"; who answers
decides whether to wait for the portal or to go on without it (`Answer(None)`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from shared.events import EntryId
from shared.rules import failure
from shared.rules.failure import Failure, Folder
from shared.rules.ids import id_text
from shared.rules.model import Rule, RuleSet
from shared.webhook import Webhook

UNTITLED = "Untitled"

T = TypeVar("T")


class Question(Enum):
    """What only the portal knows."""

    SERVICE_USER = "service user"
    """The user id that this product acts as."""
    PATH = "path"
    """The folders above the entry, from the section down to the one it lies in."""
    TITLE = "title"
    """The file's title now."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """None: asked, and the portal would not say. For a path: the service user may not see the folder."""

    value: T | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What has been learnt from the portal; None is not asked yet."""

    service_user: Answer[str] | None = None
    path: Answer[tuple[Folder, ...]] | None = None
    title: Answer[str] | None = None

    @property
    def folders(self) -> tuple[Folder, ...]:
        return (self.path.value if self.path else None) or ()


@dataclass(frozen=True, slots=True)
class Match:
    rule: Rule
    title: str


@dataclass(frozen=True, slots=True)
class Ask:
    question: Question


@dataclass(frozen=True, slots=True)
class NoMatch:
    """One failure for each enabled rule, in the rules' order."""

    failures: tuple[Failure, ...]

    @property
    def reason(self) -> str:
        """The sentence of the rule that got furthest; of several, the first."""
        if not self.failures:
            return "no rule is enabled"
        return max(self.failures, key=lambda failed: failed.check).sentence


Decision = Match | Ask | NoMatch


def decide(rules: RuleSet, webhook: Webhook, known: Known) -> Decision:
    """The first enabled rule that matches, or what is needed to go on, or why none does."""
    failures: list[Failure] = []
    title = (known.title.value if known.title else None) or webhook.entry.title or UNTITLED
    for rule in rules.enabled:
        for verdict in _verdicts(rule, webhook, known, title):
            if isinstance(verdict, Question):
                return Ask(verdict)
            if verdict is not None:
                failures.append(verdict)
                break
        else:
            return Match(rule, title)
    return NoMatch(tuple(failures))


def _verdicts(rule: Rule, webhook: Webhook, known: Known, title: str) -> Iterator[Failure | Question | None]:
    """The checks in their order: None passes, a Question stops to ask, a Failure ends the rule."""
    yield None if webhook.trigger in rule.triggers else failure.trigger(rule, webhook.trigger)
    yield None if webhook.entry.is_file else failure.kind(rule)
    yield Question.SERVICE_USER if known.service_user is None else None
    yield _own_doing(rule, webhook, known)
    yield _room(rule, webhook, known)
    yield Question.TITLE if known.title is None else None
    yield None if any(pattern.matches(title) for pattern in rule.titles) else failure.title(rule, title)


def _own_doing(rule: Rule, webhook: Webhook, known: Known) -> Failure | None:
    service_user = known.service_user.value if known.service_user else None
    if webhook.actor and service_user and webhook.actor.casefold() == service_user.casefold():
        return failure.own_doing(rule, f"user {service_user}", "the service user itself")
    folder = _parent(webhook, known)
    if folder is not None and id_text(folder) == id_text(rule.destination):
        return failure.own_doing(rule, f"folder {folder}", "the destination already")
    return None


def _room(rule: Rule, webhook: Webhook, known: Known) -> Failure | Question | None:
    named = [webhook.entry.root_id, webhook.entry.parent_id]
    if any(id_text(folder) in rule.rooms for folder in named if folder is not None):
        return None
    if known.path is None:
        return Question.PATH
    if any(id_text(folder.id) in rule.rooms for folder in known.folders):
        return None
    return failure.room(rule, _parent(webhook, known), known.path.value)


def _parent(webhook: Webhook, known: Known) -> EntryId | None:
    """The folder that it lies in: the portal's word, if there is one, is newer than the payload's."""
    return known.folders[-1].id if known.folders else webhook.entry.parent_id
