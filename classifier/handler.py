"""Applies the rules to one webhook. Sequence only: `shared.rules` decides, `shared.deciding` asks the portal."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from shared.deciding.inquiry import FileGoneError, Inquiry, Portal
from shared.deciding.managers import Managers, recipients
from shared.deciding.memory import Memory, Path
from shared.deciding.reading import read
from shared.docspace.deadline import handling
from shared.docspace.model import FileInfo, entry_time
from shared.docspace.payload import Webhook
from shared.errors import TransientError
from shared.rules.decide import Match, NoMatch
from shared.rules.model import RuleSet
from shared.runtime.handling import retry_for
from shared.text.codes import Code
from shared.wire.events import EntryId, InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import NOTHING, About, Forward, Outcome, Skip
from shared.wire.stages import UNREADABLE

ROOM = 1
"""The index of the room in a folder's path: right below the section."""


@dataclass(frozen=True, slots=True)
class Ports:
    rules: RuleSet
    portal: Portal
    memory: Memory = field(default_factory=Memory)
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
    managers: Managers = field(default_factory=lambda: Managers(lambda _: ()))


@handling()
def handle(message: Message, ports: Ports) -> Outcome:
    """Forward(InvoiceDetected) for an invoice, else why it is none. It only reads, so repeating is safe.

    TransientError and PermanentError where the managers of its room are to be told, and cannot be.
    """
    webhook = read(message.body, ports.rules, flagged=message.type == UNREADABLE)
    if not isinstance(webhook, Webhook):
        return webhook
    # a sweep found the file in a ruled room: what was remembered of its folder may be why its webhook was skipped
    inquiry = Inquiry(webhook, ports.rules, ports.portal, ports.memory, ports.clock, anew=bool(message.swept))
    try:
        decision = inquiry.decision()
    except FileGoneError as error:
        return Skip(str(error), Code.GONE, _about(webhook, inquiry))
    except TransientError as error:
        return retry_for(error)
    match decision:
        case NoMatch():
            return Skip(decision.reason, Code.NO_RULE, _about(webhook, inquiry))
        case Match():
            path = inquiry.known.folders or inquiry.path_if_easy()
            return Forward(_detected(decision, webhook, inquiry, path, ports.managers))
        case _:
            assert_never(decision)


def _detected(match: Match, webhook: Webhook, inquiry: Inquiry, path: Path, managers: Managers) -> InvoiceDetected:
    entry, file = webhook.entry, inquiry.file
    room_id, room_title = _room(path)
    service_user = inquiry.known.service_user
    return InvoiceDetected(
        file_id=entry.id,
        title=match.title,
        rule=match.rule.name,
        destination=match.rule.destination,
        recipients=recipients(
            match.rule,
            room_id or (file.room_id if file else None),
            service_user.value if service_user else None,
            managers,
        ),
        version=file.version if file else entry.version,
        created_at=entry_time(file.created_at) if file and file.created_at else None,
        created_on=entry.created_at,
        room_id=room_id,
        room_title=room_title,
        folder_id=inquiry.folder_id or (file.folder_id if file else None),
        movable_at=_movable_at(inquiry),
        uploaded_by=_uploader(webhook, inquiry),
        uploaded_by_email=webhook.actor_email or _creators_email(webhook, inquiry.file),
        uploaded_at=_uploaded_at(webhook),
    )


def _about(webhook: Webhook, inquiry: Inquiry) -> About:
    """What is known of a file that is no invoice; nobody is asked for more."""
    entry, file = webhook.entry, inquiry.file
    if not entry.is_file:
        return NOTHING
    room_id, room_title = _room(inquiry.known.folders or inquiry.path_if_remembered())
    if room_id is None and file is not None:
        room_id, room_title = file.room_id, file.room_title
    return About(
        file_id=entry.id,
        title=(file.title if file else None) or entry.title,
        room_id=room_id,
        room_title=room_title,
        uploaded_by=_uploader(webhook, inquiry),
        uploaded_at=_uploaded_at(webhook),
    )


def _room(path: Path) -> tuple[EntryId | None, str | None]:
    """Its id and its title, of a path that leads through one."""
    room = path[ROOM] if len(path) > ROOM else None
    return (room.id, room.title or None) if room else (None, None)


def _uploaded_at(webhook: Webhook) -> str | None:
    return webhook.entry.modified_at or webhook.occurred_at  # both events of an upload have the same file time


def _movable_at(inquiry: Inquiry) -> float | None:
    seen = inquiry.seen
    if seen is None or not seen.file.movable:
        return None
    return seen.at if inquiry.folder_id in {None, seen.file.folder_id} else None


def _uploader(webhook: Webhook, inquiry: Inquiry) -> str | None:
    """The name of the actor, if the portal or the payload gives it. The actor of a new version need not be the
    file's creator.
    """
    entry, file = webhook.entry, inquiry.file
    creators = [(entry.created_by, entry.created_by_name)]
    if file:
        creators.insert(0, (file.created_by, file.created_by_name))
    actor = webhook.actor or creators[0][0]
    return next((name for user, name in creators if name and user == actor), actor)


def _creators_email(webhook: Webhook, file: FileInfo | None) -> str | None:
    """From an answer that was asked for anyway: no user is asked for."""
    is_creators = file is not None and webhook.actor in {None, file.created_by}
    return file.created_by_email if file and is_creators else None
