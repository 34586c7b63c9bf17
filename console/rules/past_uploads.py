"""The uploads of the past and what the classifier decided about each, read out of the history's stream. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from shared.errors import PermanentError
from shared.process.webhook_settings import PROBE
from shared.rules.ids import id_text
from shared.rules.model import RuleSet
from shared.rules.place import Folder
from shared.runtime.settle import DEAD
from shared.store.history.step import Delivery
from shared.wire import headers as told
from shared.wire.events import EntryId, EventSkipped, InvoiceDetected, decode
from shared.wire.stages import CLASSIFIER, UNREADABLE

UPLOADED = "webhook.file.uploaded"
"""The twin that each upload has: its reason is the one to show."""


class Outcome(StrEnum):
    INVOICE = "invoice"
    SKIP = "skip"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a set of rules makes of an upload, or made of it."""

    outcome: Outcome
    reason: str = ""
    """Empty for an invoice."""
    code: str = ""
    """The reason's, for programs."""
    rule: str | None = None
    destination: EntryId | None = None
    recipients: tuple[str, ...] = ()
    channels: tuple[str, ...] | None = None
    """Apprise URLs, which are secrets; None: not recorded."""
    title: str | None = None


NOT_YET = Decided(outcome=Outcome.UNKNOWN, reason="the classifier has not decided it yet, or before this history")


@dataclass(frozen=True, slots=True)
class Received:
    """One webhook of an upload."""

    type: str
    body: bytes

    @property
    def flagged(self) -> bool:
        return self.type == UNREADABLE


@dataclass(slots=True)
class PastUpload:
    correlation_id: str
    at: float = 0.0
    """When its first webhook was received, seconds since the epoch."""
    received: dict[str, Received] = field(default_factory=dict)
    """Its webhooks by message id; twins are two."""
    decided: Decided = NOT_YET
    detected: InvoiceDetected | None = None


class Places:
    """Which folder lies in which room, as far as the history tells."""

    def __init__(self) -> None:
        self._rooms: set[str] = set()
        self._folders: dict[str, tuple[Folder, ...]] = {}

    def learn(self, detected: InvoiceDetected) -> None:
        if detected.room_id is None or detected.folder_id is None:
            return
        room = Folder(detected.room_id, detected.room_title or "", is_room=True)
        self._rooms.add(id_text(room.id))
        inside = () if id_text(detected.folder_id) == id_text(room.id) else (Folder(detected.folder_id, ""),)
        self._folders[id_text(detected.folder_id)] = (room, *inside)

    def room(self, folder_id: EntryId | None) -> str:
        """What the folder's room is called, or the folder itself where that is not recorded."""
        if folder_id is None:
            return ""
        found = self._folders.get(id_text(folder_id))
        return found[0].title or id_text(found[0].id) if found else f"folder {folder_id}"

    def path(self, folder_id: EntryId, rules: RuleSet) -> tuple[Folder, ...] | None:
        """A path that says rightly which of the rules' rooms the folder is in; None if the history cannot tell.

        The section above the room and the folders below it are not recorded, nor are a room's tags. So it tells
        only where all that are wanted by their ids are rooms, which do not lie in each other, and none by a tag.
        """
        found = self._folders.get(id_text(folder_id))
        if not found or any(rule.room_tags for rule in rules.enabled):
            return None
        if any(rule.room_names for rule in rules.enabled) and not found[0].title:
            return None
        return found if all(room in self._rooms for rule in rules.enabled for room in rule.rooms) else None


def collect(deliveries: Iterable[Delivery], since: float) -> tuple[dict[str, PastUpload], Places]:
    """The uploads whose webhooks were received since, by correlation id."""
    uploads: dict[str, PastUpload] = {}
    places = Places()
    for delivery in deliveries:
        message = delivery.message
        upload = uploads.setdefault(message.correlation_id, PastUpload(message.correlation_id))
        key = delivery.routing_key
        if delivery.exchange == DEAD:
            if key == f"{CLASSIFIER.name}.dead":
                _decide(
                    upload, Decided(outcome=Outcome.DEAD, reason=told.sentence(delivery.headers, "reason") or "")
                )
        elif key == InvoiceDetected.routing_key:
            _detected(upload, message.body, places)
        elif key == EventSkipped.routing_key:
            _skipped(upload, message.body)
        elif key == f"webhook.{PROBE}":
            continue  # the doctor's, and about no upload
        elif key.startswith("webhook.") and message.timestamp >= since:
            upload.at = min(upload.at or message.timestamp, message.timestamp)
            upload.received.setdefault(message.message_id, Received(message.type, message.body))
    return {name: upload for name, upload in uploads.items() if upload.received}, places


def _detected(upload: PastUpload, body: bytes, places: Places) -> None:
    try:
        detected = decode(body, InvoiceDetected)
    except PermanentError:
        return
    places.learn(detected)
    upload.detected = detected
    outcome = Decided(
        outcome=Outcome.INVOICE,
        rule=detected.rule,
        destination=detected.destination,
        recipients=detected.recipients,
        title=detected.title,
    )
    _decide(upload, outcome)


def _skipped(upload: PastUpload, body: bytes) -> None:
    try:
        skipped = decode(body, EventSkipped)
    except PermanentError:
        return
    if skipped.stage == CLASSIFIER.name:
        outcome = Decided(outcome=Outcome.SKIP, reason=skipped.reason, code=skipped.code)
        if skipped.skipped == UPLOADED or upload.decided.outcome is not Outcome.SKIP:
            _decide(upload, outcome)


def _decide(upload: PastUpload, outcome: Decided) -> None:
    upload.decided = of_twins([upload.decided, outcome])


def of_twins(decisions: Iterable[Decided]) -> Decided:
    """What became of an upload whose webhooks were decided so: one that is an invoice makes it one.

    One that is not known hides whether it was one. Of two alike the later counts.
    """
    rank = (Outcome.SKIP, Outcome.DEAD, Outcome.UNKNOWN, Outcome.INVOICE)
    known = [each for each in decisions if each is not NOT_YET]
    return max(reversed(known), key=lambda each: rank.index(each.outcome), default=NOT_YET)
