"""What rules would make of the uploads of the past: the classifier's own inquiry and decision, then and now."""

from dataclasses import dataclass

from console.explain.explanation import explain
from console.rules.past_portal import PastPortal
from console.rules.past_uploads import UPLOADED, Decided, Outcome, PastUpload, Places, Received, of_twins
from shared.deciding.inquiry import Portal
from shared.deciding.reading import read
from shared.docspace.payload import Webhook
from shared.rules.decide import Match, Question
from shared.rules.ids import id_text
from shared.rules.model import ROOM_MANAGERS, RuleSet
from shared.wire.events import EntryId
from shared.wire.outcome import Dead, Retry, Skip


@dataclass(frozen=True, slots=True)
class Judged:
    """What a set of rules makes of one upload, and what is known of the upload from there."""

    decided: Decided
    file_id: EntryId | None
    title: str
    room: str
    nobody_is_us: bool
    """Who the service user is was asked and not told: its own uploads count as a client's."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One upload under two sets of rules, or under what was decided in fact and one set."""

    upload: PastUpload
    file_id: EntryId | None
    title: str
    room: str
    old: Decided
    new: Decided
    nobody_is_us: bool

    @property
    def unknown(self) -> bool:
        return Outcome.UNKNOWN in (self.old.outcome, self.new.outcome)

    @property
    def changed(self) -> bool:
        """Another folder or other people count; another rule's name or another reason to skip do not."""
        recorded = self.old.channels is not None or self.old.outcome is not Outcome.INVOICE
        if self.unknown:
            return False
        same = _effect(self.old, recorded) == _effect(self.new, recorded)
        return not (same and _tell_the_same(self.old, self.new, recorded=recorded))

    @property
    def why_unknown(self) -> str:
        return next((told.reason for told in (self.new, self.old) if told.outcome is Outcome.UNKNOWN), "")


def compare(
    upload: PastUpload, places: Places, portal: Portal, rules: RuleSet, against: RuleSet | None
) -> Compared:
    """`against` None: what the classifier decided in fact."""
    new = judge(upload, places, portal, rules)
    old = judge(upload, places, portal, against) if against else None
    fact = upload.detected
    room = (fact.room_title or str(fact.room_id or "")) if fact else ""
    return Compared(
        upload,
        file_id=new.file_id,
        title=(fact.title if fact else "") or new.title,
        room=room or new.room or (old.room if old else ""),
        old=old.decided if old else upload.decided,
        new=new.decided,
        nobody_is_us=new.nobody_is_us or (old is not None and old.nobody_is_us),
    )


def judge(upload: PastUpload, places: Places, portal: Portal, rules: RuleSet) -> Judged:
    """Its twins in an order in which the reason of the one that every upload has is the last."""
    found = [
        _judge(received, upload, places, portal, rules)
        for received in sorted(upload.received.values(), key=lambda received: received.type == UPLOADED)
    ]
    last = found[-1]
    return Judged(
        of_twins(one.decided for one in found),
        file_id=last.file_id,
        title=last.title,
        room=next((one.room for one in found if one.room), ""),
        nobody_is_us=any(one.nobody_is_us for one in found),
    )


def _judge(received: Received, upload: PastUpload, places: Places, portal: Portal, rules: RuleSet) -> Judged:
    webhook = read(received.body, rules, flagged=received.flagged)
    if not isinstance(webhook, Webhook):
        return Judged(as_decided(webhook), file_id=None, title="", room="", nobody_is_us=False)
    then = PastPortal(portal, places, rules, webhook.entry, upload)
    told = explain(webhook, rules, then)
    decided = as_decided(told.fate)
    if Question.TITLE in told.missing and not webhook.entry.title:
        decided = Decided(outcome=Outcome.UNKNOWN, reason="its title was not recorded, and cannot be asked for")
    return Judged(
        decided,
        file_id=webhook.entry.id,
        title=decided.title or webhook.entry.title or "",
        room=then.room or places.room(webhook.entry.parent_id),
        nobody_is_us=Question.SERVICE_USER in told.missing,
    )


def as_decided(fate: Match | Skip | Retry | Dead) -> Decided:
    match fate:
        case Match(rule, title):
            return Decided(
                outcome=Outcome.INVOICE,
                rule=rule.name,
                destination=rule.destination,
                recipients=rule.recipients,
                channels=tuple(url.get_secret_value() for url in rule.notify),
                title=title,
            )
        case Skip(reason):
            return Decided(outcome=Outcome.SKIP, reason=reason)
        case Retry(reason):
            return Decided(outcome=Outcome.UNKNOWN, reason=reason)
        case Dead(reason):
            return Decided(outcome=Outcome.DEAD, reason=reason)


def _effect(told: Decided, with_channels: bool) -> tuple[object, ...]:
    """What becomes of the upload. Which channels were told in fact is not recorded."""
    return (
        told.outcome,
        None if told.destination is None else id_text(told.destination),
        frozenset(told.channels or ()) if with_channels else None,
    )


def _tell_the_same(old: Decided, new: Decided, *, recorded: bool) -> bool:
    """Who managed a room when something was told in fact is not recorded: those who were told may be the ones."""
    before, now = (frozenset(address.casefold() for address in told.recipients) for told in (old, new))
    if not recorded and ROOM_MANAGERS in now:
        return now - {ROOM_MANAGERS} <= before
    return before == now
