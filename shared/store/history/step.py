"""Reads a step of an upload out of a message on the stream. Pure; what the steps add up to is for `upload`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from shared.docspace.payload import Webhook, parse
from shared.errors import PermanentError
from shared.runtime.ladder import delay_s
from shared.runtime.settle import DEAD, DIED, DISCARDED, EXCHANGE, REPLAYED
from shared.text.codes import Code
from shared.text.outside import identifier, storable
from shared.text.reading import decoded
from shared.wire import headers as told
from shared.wire.broker_deaths import burial
from shared.wire.events import DigestDue, EventSkipped, NotificationWaiting
from shared.wire.message import Message, derived_id
from shared.wire.stages import EVERY, NOTIFIER, is_lane

INGRESS = "ingress"
RECONCILER = "reconciler"
"""It sends in what no webhook brought, as if that had come."""
BROKER = "the broker"
PUT_AWAY = "a person discarded its dead letter"
_STAGE_OF = {stage.publishes.routing_key: stage.name for stage in EVERY}


class Outcome(StrEnum):
    RECEIVED = "received"
    FORWARD = "forward"
    SKIP = "skip"
    RETRY = "retry"
    WAIT = "wait"
    """Somebody is told of it later, at the hour that they want: nothing is left to do until then."""
    DEAD = "dead"
    REPLAY = "replay"
    """A person had a dead letter tried again."""
    DISCARD = "discard"
    """A person put a dead letter away."""


_OF_DEAD_LETTERS = {DIED: Outcome.DEAD, REPLAYED: Outcome.REPLAY, DISCARDED: Outcome.DISCARD}
_REPEATABLE = {Outcome.RETRY, *_OF_DEAD_LETTERS.values()}
"""What may happen to one message several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message as the stream has it. `headers` are those of its publication."""

    offset: int
    exchange: str
    routing_key: str
    message: Message
    headers: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Times are seconds since the epoch; what the message does not tell is None."""

    key: str
    """The same for the same step, however often it was published."""
    correlation_id: str
    at: float
    stage: str
    outcome: Outcome
    type: str
    """Of the message: what was received or forwarded; for all else, what it was done to."""
    message_id: str
    attempt: int = 1
    by: str = ""
    """The process."""
    reason: str | None = None
    code: str | None = None
    """Of the reason, where it has one (`shared.text.codes`)."""
    event_id: str | None = None
    """DocSpace's id of the webhook's event."""
    file_id: str | None = None
    title: str | None = None
    room: str | None = None
    rule: str | None = None
    room_title: str | None = None
    uploaded_by: str | None = None
    """A name, else a user id."""
    uploaded_at: str | None = None
    """As it was told: ISO 8601, UTC."""
    destination: str | None = None
    web_url: str | None = None
    recipients: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    next_attempt: int | None = None
    """Of a retry: the number of the try that follows."""
    next_at: float | None = None
    """Of a retry: when that try is due. Of who is told later: when."""


class _Facts(msgspec.Struct):
    """What the product's own events may tell."""

    file_id: int | str | None = None
    title: str | None = None
    room_id: int | str | None = None
    rule: str | None = None
    stage: str | None = None
    reason: str | None = None
    code: str | None = None
    skipped: str | None = None
    room_title: str | None = None
    uploaded_by: str | None = None
    uploaded_at: str | None = None
    destination: int | str | None = None
    web_url: str | None = None
    recipients: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    namesakes: tuple[int | str, ...] = ()
    until: float | None = None


_decoder = msgspec.json.Decoder(_Facts)


def step_of(delivery: Delivery) -> Step | None:
    """The step that this message is; None for one that is none, such as a further hop of a long wait.

    A message about many invoices is no step of any upload: each has one when it waits and one when it was told.
    """
    message, headers = delivery.message, delivery.headers
    outcome, stage = _outcome_and_stage(delivery)
    if outcome is None:
        return None
    facts, event_id = _read(message)
    if DigestDue.routing_key in {message.type, facts.skipped}:
        return None
    skip = outcome is Outcome.SKIP
    by: object = headers.get("by")
    reason = facts.reason if skip else told.sentence(headers, "reason")
    code = facts.code if skip else told.name(headers, "code")
    at = told.seconds(headers, "at_ms") or float(message.timestamp)
    if outcome is Outcome.WAIT:
        code = Code.WAITS_FOR_HOUR.value
    buried = burial(headers) if outcome is Outcome.DEAD else None
    if buried:  # nobody settled it: the other headers, the time too, are those that it was published with
        by, reason, code, at = BROKER, buried.reason, buried.code, max(at, buried.at or at)
    if outcome is Outcome.DISCARD:
        reason, code = f"{PUT_AWAY}: {reason}" if reason else PUT_AWAY, ""
    if outcome is Outcome.FORWARD and facts.namesakes:
        reason = f"another file of its name lies there too: file {', '.join(map(str, facts.namesakes))}"
    again = (message.attempt, at) if outcome in _REPEATABLE else ()
    return Step(
        key=derived_id(outcome, stage, message.correlation_id, message.message_id, *again),
        correlation_id=message.correlation_id,
        at=at,
        stage=_id((facts.stage or stage) if skip else stage) or "",
        outcome=outcome,
        type=_id((facts.skipped or message.type) if skip else message.type) or "",
        message_id=message.message_id,
        attempt=_tried(headers, message) if outcome is Outcome.RETRY else message.attempt,
        by=_id(by) or "",
        reason=_text(reason),
        code=_id(code or None),
        event_id=event_id,
        file_id=_id(facts.file_id),
        title=_text(facts.title),
        room=_id(facts.room_id),
        rule=_text(facts.rule),
        room_title=_text(facts.room_title),
        uploaded_by=_text(facts.uploaded_by),
        uploaded_at=_text(facts.uploaded_at),
        destination=_id(facts.destination),
        web_url=_text(facts.web_url),
        recipients=tuple(map(storable, facts.recipients)),
        channels=tuple(map(storable, facts.channels)),
        next_attempt=message.attempt if outcome is Outcome.RETRY else None,
        next_at=_due(delivery, at) if outcome is Outcome.RETRY else facts.until,
    )


def _outcome_and_stage(delivery: Delivery) -> tuple[Outcome | None, str]:
    key = delivery.routing_key
    if delivery.exchange == DEAD:
        stage, _, what = key.rpartition(".")
        return _OF_DEAD_LETTERS.get(what), stage
    if delivery.exchange != EXCHANGE:  # what an endpoint waits for is no step of the upload
        return (Outcome.RETRY if "reason" in delivery.headers and not is_lane(key) else None), key
    if key == EventSkipped.routing_key:
        return Outcome.SKIP, ""
    if key == NotificationWaiting.routing_key:
        return Outcome.WAIT, NOTIFIER.name
    if key in _STAGE_OF:
        return Outcome.FORWARD, _STAGE_OF[key]
    sender = RECONCILER if delivery.message.swept else INGRESS
    return (Outcome.RECEIVED if key.startswith("webhook.") else None), sender


def _tried(headers: dict[str, Any], message: Message) -> int:
    """The attempt that failed; the message tells which is the next."""
    return told.tries(headers, "tried") or message.attempt


def _due(delivery: Delivery, at: float) -> float | None:
    """When the next try is: after one delay queue, or after so many as make up what the message is to wait."""
    wait_s, not_before = delay_s(delivery.exchange), delivery.message.not_before
    moments = [*([at + wait_s] if wait_s is not None else []), *([not_before] if not_before is not None else [])]
    return max(moments, default=None)


def _read(message: Message) -> tuple[_Facts, str | None]:
    """An unreadable body tells nothing: that it came is a step all the same."""
    try:
        if not message.type.startswith("webhook."):
            return decoded(_decoder, message.body), None
        webhook = parse(message.body)
    except (PermanentError, msgspec.DecodeError):
        return _Facts(), None
    return _facts_of(webhook), _id(webhook.event_id)


def _facts_of(webhook: Webhook) -> _Facts:
    """Nobody asked the portal yet: its uploader's name is known where the payload tells it."""
    entry = webhook.entry
    return _Facts(
        file_id=entry.id,
        title=entry.title,
        uploaded_by=entry.created_by_name if webhook.actor == entry.created_by else None,
        uploaded_at=entry.modified_at or webhook.occurred_at,
    )


def _text(value: object) -> str | None:
    return None if value is None else storable(str(value))


def _id(value: object) -> str | None:
    """As `Queries` looks for it."""
    return None if value is None else identifier(str(value))
