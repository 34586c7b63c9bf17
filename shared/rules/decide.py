"""Decides whether a webhook is about an invoice, by the rules, the webhook and what is known so far. Pure.

The cheapest question comes first, and what only the portal knows is asked for (`Ask`) once everything before it is
settled: a portal's ordinary traffic costs no call. A question without an answer is never a "no"; who answers
decides whether to wait for the portal or to go on without it (`Answer(None)`).

`trace` makes the checks, and `decide` is its last word: whoever shows the checks cannot show another decision.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from shared.docspace.payload import Webhook
from shared.rules.finding import (
    Finding,
    KindFinding,
    OwnDoingFinding,
    RoomFinding,
    TitleFinding,
    TriggerFinding,
)
from shared.rules.ids import id_text
from shared.rules.model import Rule, RuleSet
from shared.rules.place import Folder
from shared.wire.events import EntryId

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
    """One failed check of each enabled rule, in the rules' order."""

    failures: tuple[Finding, ...]

    @property
    def reason(self) -> str:
        """The sentence of the rule that got furthest; of several, the first."""
        if not self.failures:
            return "no rule is enabled"
        return max(self.failures, key=lambda failed: failed.check).sentence


Decision = Match | Ask | NoMatch


def decide(rules: RuleSet, webhook: Webhook, known: Known) -> Decision:
    """The first enabled rule that matches, or what is needed to go on, or why none does."""
    return conclusion(trace(rules, webhook, known))


def conclusion(steps: Iterable[Finding | Match | Ask]) -> Decision:
    """The decision that the steps of a trace come to."""
    failures: list[Finding] = []
    for step in steps:
        if not isinstance(step, Finding):
            return step
        if not step.passed:
            failures.append(step)
    return NoMatch(tuple(failures))


def trace(rules: RuleSet, webhook: Webhook, known: Known) -> Iterator[Finding | Match | Ask]:
    """Every check that is made, rule by rule; the last step is the match or the question, if it comes to one."""
    title = (known.title.value if known.title else None) or webhook.entry.title or UNTITLED
    for rule in rules.enabled:
        for step in _checks(rule, webhook, known, title, rules):
            yield step
            if isinstance(step, Ask):
                return
            if not step.passed:
                break
        else:
            yield Match(rule, title)
            return


def _checks(rule: Rule, webhook: Webhook, known: Known, title: str, rules: RuleSet) -> Iterator[Finding | Ask]:
    """In their order; what comes after a failure or a question is not wanted."""
    yield TriggerFinding(rule, webhook.trigger in rule.triggers, webhook.trigger)
    yield KindFinding(rule, webhook.entry.is_file)
    yield Ask(Question.SERVICE_USER) if known.service_user is None else _own_doing(rule, webhook, known, rules)
    yield _room(rule, webhook, known)
    yield Ask(Question.TITLE) if known.title is None else _title(rule, title)


def _own_doing(rule: Rule, webhook: Webhook, known: Known, rules: RuleSet) -> Finding:
    """A rule that finds its rooms by name or tag may find another's destination in one, and leaves it alone too."""
    destinations = rules.destinations if rule.room_tests else (id_text(rule.destination),)
    service_user = known.service_user.value if known.service_user else None
    folder = _parent(webhook, known)
    by_us = bool(webhook.actor and service_user and webhook.actor.casefold() == service_user.casefold())
    filed = folder is not None and id_text(folder) in destinations
    return OwnDoingFinding(rule, not (by_us or filed), webhook.actor, folder, by_us)


def _room(rule: Rule, webhook: Webhook, known: Known) -> Finding | Ask:
    folder = _parent(webhook, known)
    named = [webhook.entry.root_id, webhook.entry.parent_id]
    if any(id_text(entry) in rule.rooms for entry in named if entry is not None):
        return RoomFinding(rule, True, folder, known.folders)
    if known.path is None:
        return Ask(Question.PATH)
    if any(id_text(step.id) in rule.rooms for step in known.folders):
        return RoomFinding(rule, True, folder, known.path.value)
    by = next((test for step in known.folders if (test := rule.fitting(step))), None)
    return RoomFinding(rule, by is not None, folder, known.path.value, by)


def _title(rule: Rule, title: str) -> Finding:
    return TitleFinding(rule, any(pattern.matches(title) for pattern in rule.titles), title)


def _parent(webhook: Webhook, known: Known) -> EntryId | None:
    """The folder that it lies in: the portal's word, if there is one, is newer than the payload's."""
    return known.folders[-1].id if known.folders else webhook.entry.parent_id
