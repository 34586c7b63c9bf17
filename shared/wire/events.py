"""The JSON bodies of the product's own events: the contract between workers, and with whoever binds a queue.

An unknown field is ignored, so that a newer worker may feed an older one; a missing one is named in the error.
`intake events schema` prints their JSON Schema; docs/reference/events.md has what each field means. Others rely on
what was released: tests/unit/test_events_released.py says what may change.
"""

from typing import ClassVar, NewType, TypeVar

import msgspec

from shared.errors import PermanentError
from shared.text.codes import Code
from shared.text.reading import decoded
from shared.wire.facts import Facts, Finding

EntryId = int | str
"""A DocSpace file or folder id: a number, or a string for third-party storage."""


PortalId = NewType("PortalId", str)
"""Names a portal in keys, tables and events. No host name: a portal may be reached by another tomorrow."""

DEFAULT_PORTAL = PortalId("default")
"""The one portal of today."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the events; `routing_key` is where it is published, `mandatory` whether a queue must take it."""

    routing_key: ClassVar[str]
    mandatory: ClassVar[bool] = False
    schema_version: ClassVar[int] = 1
    """Of its fields: one more in each release that adds some. What else changes gets another routing key."""
    outcome: ClassVar[str] = "forward"
    """How logs and metrics name the handling of a message that this event follows."""
    by_a_person: ClassVar[bool] = False
    """Whether people's commands and pages publish it."""


class InvoiceDetected(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An upload that a rule takes for an invoice, not yet moved."""

    routing_key: ClassVar[str] = "invoice.detected"
    mandatory: ClassVar[bool] = True
    by_a_person: ClassVar[bool] = True

    file_id: EntryId
    """Its id in the portal. After the file is gone, another file may get it."""
    title: str
    """The file's name."""
    rule: str
    """The name of the rule."""
    destination: EntryId
    """The folder it belongs in."""
    recipients: tuple[str, ...]
    """E-mail addresses that are told."""
    version: int | None = None
    """The file's version when it was decided, if the portal could say."""
    created_at: str | None = None
    """When the file was created, as the portal's API says it: UTC, to the microsecond. With the id it names the
    file."""
    created_on: str | None = None
    """The same as the webhook said it, which may differ by a second."""
    portal: PortalId = DEFAULT_PORTAL
    """Names the portal; left out while there is one portal."""
    room_id: EntryId | None = None
    """The room that it was uploaded to."""
    room_title: str | None = None
    """That room's name."""
    folder_id: EntryId | None = None
    """The folder that it was uploaded to."""
    movable_at: float | None = None
    """When the portal showed the file in that folder with nothing that keeps it from being moved, in seconds since
    the epoch; None: it did not. Who reads this at once need not look again."""
    uploaded_by: str | None = None
    """The uploader's display name if known, else their user id."""
    uploaded_by_email: str | None = None
    """Where the webhook or an answer about the file told it."""
    uploaded_at: str | None = None
    """ISO 8601, UTC: the file's own time, which the twins of one upload share; else the event's."""


class InvoiceFiled(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An invoice that was seen in its destination folder."""

    routing_key: ClassVar[str] = "invoice.filed"
    mandatory: ClassVar[bool] = True

    file_id: EntryId
    """Its id now; a move between storages changes it."""
    source_file_id: EntryId
    """Its id when it was uploaded."""
    created_at: str | None = None
    """When it was created, as the portal's API says it: UTC, to the microsecond."""
    portal: PortalId = DEFAULT_PORTAL
    """Names the portal; left out while there is one portal."""
    version: int
    """The file's version when it was filed."""
    title: str
    """The file's name."""
    rule: str
    """The name of the rule."""
    destination: EntryId
    """The folder that it is in."""
    destination_title: str | None = None
    """The folder's name, where the portal told it."""
    destination_path: tuple[str, ...] = ()
    """The titles of its room and of the folders down to it, itself the last: `["Accounting", "Incoming"]`."""
    folder_url: str | None = None
    """Where a browser opens the folder, where the portal told enough to say."""
    recipients: tuple[str, ...]
    """E-mail addresses that are told."""
    web_url: str | None = None
    """Where a browser opens it."""
    room_id: EntryId | None = None
    """The room that it was uploaded to."""
    room_title: str | None = None
    """That room's name."""
    uploaded_by: str | None = None
    """The uploader's display name if known, else their user id."""
    uploaded_by_email: str | None = None
    """The uploader's e-mail address, if it was told."""
    uploaded_at: str | None = None
    """ISO 8601, UTC: when it was uploaded."""
    namesakes: tuple[EntryId, ...] = ()
    """Other files of the same title that were seen in the destination. One that was not seen may lie there too."""


class InvoiceRead(InvoiceFiled, frozen=True, kw_only=True, omit_defaults=True):
    """A filed invoice after the reader had it. Without `facts` nobody read it in time."""

    routing_key: ClassVar[str] = "invoice.read"

    facts: Facts | None = None
    """What the file says; where it could not be read, why."""
    findings: tuple[Finding, ...] = ()
    """What is odd about it. None holds an invoice back."""


class InvoiceAnnounced(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Every recipient's channel accepted the message about this invoice."""

    routing_key: ClassVar[str] = "invoice.announced"
    schema_version: ClassVar[int] = 2

    portal: PortalId = DEFAULT_PORTAL
    """Names the portal; left out while there is one portal."""
    file_id: EntryId
    """Its id now."""
    version: int
    """The file's version when it was filed."""
    title: str
    """The file's name."""
    rule: str
    """The name of the rule."""
    room_id: EntryId | None = None
    """The room that it was uploaded to."""
    recipients: tuple[str, ...]
    """E-mail addresses that were told."""
    channels: tuple[str, ...] = ()
    """Names of the further channels, without their secrets: `slack`, `mailto`, …"""


class NotificationWaiting(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody is told of this invoice later: at the hour that they want, or with others in one message."""

    routing_key: ClassVar[str] = "notification.waiting"
    outcome: ClassVar[str] = "wait"

    portal: PortalId = DEFAULT_PORTAL
    """Names the portal; left out while there is one portal."""
    file_id: EntryId
    """Its id now."""
    version: int
    """The file's version when it was filed."""
    title: str
    """The file's name."""
    rule: str
    """The name of the rule."""
    until: float
    """When the last of them is told, in seconds since the epoch; what else comes for them may make it sooner."""
    recipients: tuple[str, ...] = ()
    """E-mail addresses that are told later."""
    channels: tuple[str, ...] = ()
    """Names of the further channels on which it is told later, without their secrets."""


class DigestDue(Event, frozen=True, kw_only=True, omit_defaults=True):
    """One message is to be sent to one recipient or channel, about all that waits for it. The notifier takes it."""

    routing_key: ClassVar[str] = "digest.due"
    mandatory: ClassVar[bool] = True

    window: str
    """Names the window of the outbox that holds the invoices."""


class DigestSent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A recipient's channel accepted one message about all that waited for it."""

    routing_key: ClassVar[str] = "digest.sent"

    window: str
    """The window of the outbox that held the invoices."""
    to: str
    """The e-mail address, or the channel's name without its secrets."""
    count: int
    """How many invoices it names."""


class EventSkipped(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A message that needed nothing done, and why."""

    routing_key: ClassVar[str] = "event.skipped"

    portal: PortalId = DEFAULT_PORTAL
    """Names the portal; left out while there is one portal."""
    stage: str
    """The worker that skipped it."""
    reason: str
    """A sentence, for people; it may change."""
    code: str = ""
    """Of the reason, short and stable: `same-upload`, `already-filed`, `gone`, … (docs/reference/failures.md)."""
    skipped: str
    """The type of the message that was skipped: `webhook.file.uploaded`, `invoice.detected`, …"""
    file_id: EntryId | None = None
    """The file that it was about, where it was about one."""
    title: str | None = None
    """The file's name."""
    room_id: EntryId | None = None
    """The room that it was uploaded to, if the worker had learnt it."""
    room_title: str | None = None
    """That room's name."""
    uploaded_by: str | None = None
    """The uploader's display name if known, else their user id."""
    uploaded_at: str | None = None
    """ISO 8601, UTC: when it was uploaded."""


class InvoiceDead(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A message became a dead letter, which waits for a person. The history tells of each that it sees."""

    routing_key: ClassVar[str] = "invoice.dead"

    portal: PortalId = DEFAULT_PORTAL
    """Names the portal; left out while there is one portal."""
    stage: str
    """The worker whose dead letter it is."""
    reason: str = ""
    """A sentence, for people; it may change."""
    code: str = ""
    """Of the reason, short and stable: `no-right`, `delivery-limit`, … (docs/reference/failures.md)."""
    dead: str
    """The type of the message: `webhook.file.uploaded`, `invoice.detected`, …"""
    attempts: int = 1
    """How often it was tried."""
    file_id: EntryId | None = None
    """The file that it is about, where the message told it."""
    title: str | None = None
    """The file's name."""
    rule: str | None = None
    """The name of the rule, where one took it."""
    room_id: EntryId | None = None
    """The room that it was uploaded to, where the message told it."""
    room_title: str | None = None
    """That room's name."""
    uploaded_by: str | None = None
    """The uploader's display name if known, else their user id."""
    uploaded_at: str | None = None
    """ISO 8601, UTC: when it was uploaded."""


class HookDelivered(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An endpoint answered 2xx to an event that the dispatcher sent it."""

    routing_key: ClassVar[str] = "hook.delivered"

    endpoint: str
    """Its name in the rules."""
    event: str
    """The type of the event: `invoice.filed`, …"""
    webhook_id: str
    """As the request's header told it."""
    status: int
    """Of the answer."""


class HookSkipped(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An event was not sent to an endpoint, and why."""

    routing_key: ClassVar[str] = "hook.skipped"
    outcome: ClassVar[str] = "skip"

    endpoint: str
    """Its name in the rules."""
    event: str
    """The type of the event: `invoice.filed`, …"""
    webhook_id: str
    """As the request's header would have told it."""
    reason: str
    """A sentence, for people; it may change."""
    code: str
    """Of the reason, short and stable (docs/reference/failures.md)."""


class RoomAsked(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A person wants a room looked through now for what no webhook brought. The reconciler takes it."""

    routing_key: ClassVar[str] = "room.asked"
    mandatory: ClassVar[bool] = True
    by_a_person: ClassVar[bool] = True

    portal: PortalId = DEFAULT_PORTAL
    """Names the portal; left out while there is one portal."""
    room_id: EntryId
    """A rule's room, or a folder of a rule."""
    asked_by: str
    """Who asked, and through what."""


class StagePaused(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A person has paused a worker: it takes no messages until the end, and loses none."""

    routing_key: ClassVar[str] = "stage.paused"
    by_a_person: ClassVar[bool] = True

    stage: str
    """The worker."""
    asked_by: str
    """Who asked, and through what."""
    until: float
    """When it goes on by itself, in seconds since the epoch."""
    why: str = ""
    """As they wrote it."""


class StageResumed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A person has ended a worker's pause before its time."""

    routing_key: ClassVar[str] = "stage.resumed"
    by_a_person: ClassVar[bool] = True

    stage: str
    """The worker."""
    asked_by: str
    """Who asked, and through what."""


class RulesPublished(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A person has published rules, or gone back to earlier ones. They are live where no RULES_FILE is set."""

    routing_key: ClassVar[str] = "rules.published"
    by_a_person: ClassVar[bool] = True

    version: int
    """Of the rules, as `intake rules versions` lists it."""
    rules: str = ""
    """The hash by which the workers' `/readyz` tells these rules."""
    asked_by: str
    """Who published, and through what."""
    why: str = ""
    """As they wrote it."""


EVENTS: tuple[type[Event], ...] = (
    InvoiceDetected,
    InvoiceFiled,
    InvoiceRead,
    InvoiceAnnounced,
    NotificationWaiting,
    DigestDue,
    DigestSent,
    EventSkipped,
    InvoiceDead,
    HookDelivered,
    HookSkipped,
    RoomAsked,
    StagePaused,
    StageResumed,
    RulesPublished,
)

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


def encode(event: Event) -> bytes:
    return _encoder.encode(event)


def decode(body: bytes, kind: type[T]) -> T:
    """The event in `body`; PermanentError names the field that is missing or wrong."""
    try:
        return decoded(msgspec.json.Decoder(kind), body)
    except msgspec.DecodeError as error:
        raise PermanentError(f"not a readable {kind.__name__}: {error}", code=Code.UNREADABLE) from error
