"""Takes one webhook through the rules. Sequence only: `shared.rules.decide` decides, `classifier.facts` asks."""

from dataclasses import dataclass, field
from typing import assert_never

from classifier.facts import FileGoneError, Inquiry, Portal
from classifier.memory import Memory, Path
from shared.errors import PermanentError, TransientError
from shared.events import InvoiceDetected
from shared.message import Message
from shared.outcome import Dead, Forward, Outcome, Retry, Skip
from shared.rules.decide import Ask, Known, Match, NoMatch, decide
from shared.rules.model import RuleSet
from shared.stages import UNREADABLE
from shared.webhook import MissingEntryError, Webhook, parse

ROOM = 1
"""The room's place on a path: right below the section."""


@dataclass(frozen=True, slots=True)
class Ports:
    rules: RuleSet
    portal: Portal
    memory: Memory = field(default_factory=Memory)


def handle(message: Message, ports: Ports) -> Outcome:
    """Forward(InvoiceDetected) for an invoice, else why not. It only reads, so repeating it is safe."""
    webhook = _read(message, ports.rules)
    if not isinstance(webhook, Webhook):
        return webhook
    inquiry = Inquiry(webhook.entry, ports.rules, ports.portal, ports.memory)
    try:
        return _decided(webhook, ports.rules, inquiry)
    except FileGoneError:
        return Skip("the file no longer exists")
    except TransientError as error:
        return Retry(str(error), not_before_s=error.retry_after_s)


def _read(message: Message, rules: RuleSet) -> Webhook | Skip | Dead:
    try:
        webhook = parse(message.body)
    except MissingEntryError as error:
        if message.type == UNREADABLE or rules.listens_to(error.trigger):
            return Dead(str(error))
        return Skip(f"no rule asks for the trigger {error.trigger}")
    except PermanentError as error:
        return Dead(str(error))
    if message.type == UNREADABLE:
        return Dead(f"the ingress could not read this signed webhook, which says it is {webhook.trigger}")
    return webhook


def _decided(webhook: Webhook, rules: RuleSet, inquiry: Inquiry) -> Outcome:
    known = Known()
    while True:  # every round answers one more of three questions
        decision = decide(rules, webhook, known)
        match decision:
            case Ask(question):
                known = inquiry.answer(question, known)
            case NoMatch():
                return Skip(decision.reason)
            case Match():
                path = known.folders or inquiry.path_if_easy()
                return Forward(_detected(decision, webhook, inquiry, path))
            case _:
                assert_never(decision)


def _detected(match: Match, webhook: Webhook, inquiry: Inquiry, path: Path) -> InvoiceDetected:
    entry, file = webhook.entry, inquiry.file
    room = path[ROOM] if len(path) > ROOM else None
    return InvoiceDetected(
        file_id=entry.id,
        title=match.title,
        rule=match.rule.name,
        destination=match.rule.destination,
        recipients=match.rule.recipients,
        version=file.version if file else entry.version,
        room_id=room.id if room else None,
        room_title=(room.title or None) if room else None,
        folder_id=inquiry.folder_id or (file.folder_id if file else None),
        uploaded_by=_uploader(webhook, inquiry),
        uploaded_at=entry.modified_at or webhook.occurred_at,  # the twins share the one, not always the other
    )


def _uploader(webhook: Webhook, inquiry: Inquiry) -> str | None:
    """The actor's name where the portal or the payload tells it: a new version's actor need not be the creator."""
    entry, file = webhook.entry, inquiry.file
    creators = [(entry.created_by, entry.created_by_name)]
    if file:
        creators.insert(0, (file.created_by, file.created_by_name))
    actor = webhook.actor or creators[0][0]
    return next((name for user, name in creators if name and user == actor), actor)
