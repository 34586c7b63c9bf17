"""What the pipeline's own stream tells of some files, and which folders came into a room. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from console.reconcile.dead_files import subject_of
from console.reconcile.event import UPLOADS, Uploader
from console.reconcile.upload import uploaded_at
from console.webhook.choice import BROUGHT_IN
from shared.docspace.field import moment
from shared.docspace.ids import SAME_S, differ
from shared.docspace.model import FileInfo
from shared.docspace.payload import Webhook, parse
from shared.errors import PermanentError
from shared.runtime.settle import DEAD, EXCHANGE
from shared.store.history.step import Delivery, Outcome, Step, step_of
from shared.wire.events import EntryId

RECONCILE = "reconcile"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A webhook of an upload that came in."""

    webhook: Webhook
    at: float
    """When it was received, in seconds since the epoch."""
    correlation_id: str
    swept: bool
    """A sweep made it."""


@dataclass(frozen=True, slots=True)
class Past:
    """Of some files, by their ids as texts."""

    discarded: dict[str, float] = field(default_factory=dict)
    """When a dead letter about it was discarded last, in seconds since the epoch."""
    arrivals: defaultdict[str, list[Arrival]] = field(default_factory=lambda: defaultdict(list))
    steps: dict[str, list[Step]] = field(default_factory=dict)
    """Of the uploads that these arrived with, by their correlation ids."""
    is_told: bool = True
    """False: no history is kept on this broker."""

    def arrival(self, file: FileInfo) -> Arrival | None:
        """Of the upload that the file is now; the portal's webhook, not one that a sweep made."""
        return next((found for found in self._arrivals(file) if not found.swept), None)

    def steps_of(self, file: FileInfo) -> list[list[Step]]:
        """Of the upload that the file is now, whoever sent it in."""
        ids = dict.fromkeys(found.correlation_id for found in self._arrivals(file))
        return [self.steps[each] for each in ids if self.steps.get(each)]

    def _arrivals(self, file: FileInfo) -> Iterator[Arrival]:
        at = uploaded_at(file)
        for found in self.arrivals.get(str(file.id), ()):
            told = moment(found.webhook.entry.modified_at)
            same_file = not differ(moment(found.webhook.entry.created_at), file.created_at)
            if same_file and at and told and abs((told - at).total_seconds()) <= SAME_S:
                yield found

    def uploader(self, file: FileInfo) -> Uploader | None:
        found = self.arrival(file)
        return Uploader(found.webhook.actor) if found and found.webhook.actor else None


def past_of(deliveries: Iterable[Delivery], wanted: Collection[str]) -> Past:
    """`wanted` are ids of files as texts."""
    past = Past()
    for delivery in deliveries:
        if delivery.exchange == DEAD:
            _note_discard(past, delivery, wanted)
        elif delivery.exchange == EXCHANGE and _trigger(delivery) in UPLOADS:
            _note_arrival(past, delivery, wanted)
        if (steps := past.steps.get(delivery.message.correlation_id)) is not None and (step := step_of(delivery)):
            steps.append(step)
    return past


def brought_in(deliveries: Iterable[Delivery]) -> dict[EntryId, float]:
    """Folders and rooms that were moved or restored, and when we heard of it last."""
    found: dict[EntryId, float] = {}
    for delivery in deliveries:
        if delivery.exchange != EXCHANGE or _trigger(delivery) not in BROUGHT_IN:
            continue
        webhook = _parsed(delivery)
        if webhook is not None:
            at = float(delivery.message.timestamp)
            found[webhook.entry.id] = max(at, found.get(webhook.entry.id, at))
    return found


def _note_arrival(past: Past, delivery: Delivery, wanted: Collection[str]) -> None:
    webhook, message = _parsed(delivery), delivery.message
    if webhook is not None and (name := str(webhook.entry.id)) in wanted:
        swept = _is_swept(delivery)
        past.arrivals[name].append(Arrival(webhook, float(message.timestamp), message.correlation_id, swept))
        past.steps.setdefault(message.correlation_id, [])


def _note_discard(past: Past, delivery: Delivery, wanted: Collection[str]) -> None:
    subject = subject_of(delivery.message.body)
    if subject is None or subject.file_id not in wanted:
        return
    step = step_of(delivery)
    if step and step.outcome is Outcome.DISCARD:
        past.discarded[subject.file_id] = max(step.at, past.discarded.get(subject.file_id, step.at))


def _trigger(delivery: Delivery) -> str:
    return delivery.routing_key.removeprefix("webhook.")


def _is_swept(delivery: Delivery) -> bool:
    return delivery.message.app_id == RECONCILE


def _parsed(delivery: Delivery) -> Webhook | None:
    try:
        return parse(delivery.message.body)
    except PermanentError:
        return None
