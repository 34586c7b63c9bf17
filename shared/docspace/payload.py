"""Reads a webhook's body, as DocSpace 3.7.2 sends it and as its next version will. `shared.rules` judges it.

The sender leaves out every null, false and 0, so a missing field has the default. An optional field of an
undocumented type counts as missing. The portal is asked later for what is unknown here.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from shared.docspace.people import email
from shared.errors import PermanentError
from shared.text.codes import Code
from shared.text.reading import decoded
from shared.wire.events import EntryId

FOLDER_TYPE = 1
FILE_TYPE = 2
"""Values of `fileEntryType`."""

LARGEST_ID = 2**63 - 1


class MissingEntryError(PermanentError):
    """What the event is about cannot be read. Its `trigger` can, and perhaps no rule asks for that trigger."""

    def __init__(self, trigger: str, reason: str) -> None:
        super().__init__(reason, code=Code.UNREADABLE)
        self.trigger = trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The file, folder, room or user that the event is about."""

    id: EntryId
    title: str | None = None
    parent_id: EntryId | None = None
    """The folder that it is directly in."""
    root_id: EntryId | None = None
    """The section at the top of its tree, the same for every room of a portal: not the room."""
    is_file: bool = False
    created_by: str | None = None
    """The user id of the entry's creator, who need not be the event's actor."""
    created_by_name: str | None = None
    created_at: str | None = None
    """With `id` it identifies the file: once its newest file is purged, a portal uses that id again."""
    modified_at: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One event. Times are ISO 8601 texts in UTC."""

    trigger: str
    entry: Entry
    event_id: EntryId | None = None
    """Differs per trigger, per webhook configuration and after a manual retry."""
    webhook_id: EntryId | None = None
    actor: str | None = None
    """The acting user's id."""
    actor_email: str | None = None
    """The next version's payload (1.0.0) has it, if the actor created or changed the entry."""
    occurred_at: str | None = None


Other = list[Any] | str | float | bool | None
"""Whatever else JSON has where an object is expected: absent, as far as this product is concerned."""


class _Event(msgspec.Struct, rename="camel"):
    id: Any = None
    create_on: Any = None
    create_by: Any = None
    trigger: Any = None


class _Payload(msgspec.Struct, rename="camel"):
    id: Any = None
    title: Any = None
    parent_id: Any = None
    folder_id_display: Any = None
    root_id: Any = None
    root_folder_id: Any = None
    file_entry_type: Any = None
    create_by: Any = None
    created_by: Any = None
    create_on: Any = None
    created: Any = None
    modified_on: Any = None
    updated: Any = None
    updated_by: Any = None
    version: Any = None


class _Config(msgspec.Struct):
    id: Any = None


class _Body(msgspec.Struct):
    event: _Event = msgspec.field(default_factory=_Event)
    payload: _Payload | Other = None
    webhook: _Config | Other = None


_decoder = msgspec.json.Decoder(_Body)


def parse(body: bytes) -> Webhook:
    """The webhook in `body`; PermanentError names what is wrong with it."""
    try:
        read = decoded(_decoder, body)
    except msgspec.DecodeError as error:
        sentence = f"the webhook's body is not a readable JSON object: {error}"
        raise PermanentError(sentence, code=Code.UNREADABLE) from error
    event = read.event
    trigger = _text(event.trigger)
    if trigger is None:
        raise PermanentError("the webhook's body names no event.trigger", code=Code.UNREADABLE)
    payload = read.payload if isinstance(read.payload, _Payload) else _Payload()
    actor = _text(event.create_by)
    return Webhook(
        trigger=trigger,
        entry=_entry(payload, trigger),
        event_id=_id(event.id),
        webhook_id=_id(read.webhook.id) if isinstance(read.webhook, _Config) else None,
        actor=actor,
        actor_email=_email_of(actor, payload.created_by, payload.updated_by),
        occurred_at=_text(event.create_on),
    )


def _entry(payload: _Payload, trigger: str) -> Entry:
    entry_id = _id(payload.id)
    if entry_id is None:
        raise MissingEntryError(
            trigger, f"the webhook's body, {trigger}, has no payload.id that is a number or text"
        )
    creator = payload.created_by if isinstance(payload.created_by, dict) else {"id": payload.created_by}
    return Entry(
        id=entry_id,
        title=_text(payload.title),
        parent_id=_first(_id(payload.parent_id), _id(payload.folder_id_display)),
        root_id=_first(_id(payload.root_id), _id(payload.root_folder_id)),
        is_file=_is_file(payload.file_entry_type, trigger),
        created_by=_text(payload.create_by) or _text(creator.get("id")),
        created_by_name=_text(creator.get("displayName")),
        created_at=_text(payload.create_on) or _text(payload.created),
        modified_at=_text(payload.modified_on) or _text(payload.updated),
        version=_whole(payload.version),
    )


def _email_of(user: str | None, *persons: object) -> str | None:
    """The field of the first of these that is the user."""
    told = (person for person in persons if isinstance(person, dict) and _text(person.get("id")))
    return next((email(person.get("email")) for person in told if person["id"] == user), None)


def _is_file(kind: object, trigger: str) -> bool:
    if kind in (FOLDER_TYPE, FILE_TYPE) and not isinstance(kind, bool):
        return kind == FILE_TYPE
    return trigger.startswith("file.")


def _id(value: object) -> EntryId | None:
    """A JSON number or text; the sender leaves 0 out, so 0 is none."""
    return _whole(value) if isinstance(value, int) else _text(value)


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID:
        return value
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _first(one: EntryId | None, other: EntryId | None) -> EntryId | None:
    return other if one is None else one
