"""Turns an outcome into a publication. Only here it is known what Forward, Skip, Retry and Dead become in AMQP.

Pure. The consumer publishes what is returned, and acknowledges the message once that is confirmed.
"""

from dataclasses import dataclass
from typing import assert_never

from msgspec.structs import replace

from shared.runtime.ladder import Ladder, queue_name
from shared.text.codes import Code
from shared.text.outside import ERROR_BYTES, REASON_BYTES, cut
from shared.wire.events import Event, EventSkipped, HookSkipped, encode
from shared.wire.message import Message, Publication, derived_id, traceparent_for
from shared.wire.outcome import Dead, Forward, Outcome, Retry, Skip

EXCHANGE = "docspace"
DEFAULT_EXCHANGE = ""
DEAD = "dead"
"""The exchange of dead letters. Whoever binds a queue to it gets a copy."""
DIED, REPLAYED, DISCARDED = "dead", "replayed", "discarded"
"""The end of a routing key on this exchange, after the stage. Only the first has a queue; the others report what
a person did."""
AGAIN, KEPT = "again", "kept"
"""Two more, which the history does not get: to the stage's own queue, to be handled again; and back to its dead
letters after a look."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What to publish before the ack, and how the log names it."""

    kind: str
    """`forward`, or as the event that follows is named; `skip`, `retry`, `dead`."""
    publication: Publication
    reason: str | None = None
    """In full, for the log. In the headers it is cut."""
    code: Code | None = None
    """The reason's code."""


def _code(text: str) -> Code | None:
    return next((code for code in Code if code == text), None)


@dataclass(frozen=True, slots=True)
class Settler:
    """Settles the messages of one stage. `app_id` marks what it publishes, `by` names the process."""

    stage: str
    ladder: Ladder
    app_id: str
    by: str = ""
    apart: str = ""
    """What tells its facts from those of another that takes the same messages."""

    def settle(self, message: Message, outcome: Outcome, now: float, *, paused: bool = False) -> Settlement:
        """`paused`: the stage takes no messages now, so a wait that begins now does not count towards the
        message's age.
        """
        match outcome:
            case Forward(HookSkipped() as event):
                fact = self._fact(message, event, now)
                return Settlement(event.outcome, fact, event.reason, _code(event.code))
            case Forward(event):
                return Settlement(event.outcome, self._fact(message, event, now))
            case Skip(reason, code):
                return Settlement("skip", self._fact(message, self._skipped(message, outcome), now), reason, code)
            case Retry():
                return self._retry(message, outcome, now, paused=paused)
            case Dead(reason, code):
                return self._dead(message, reason, code, now)
            case _:
                assert_never(outcome)

    def wait_longer(self, message: Message, now: float) -> Publication | None:
        """If a message came before its time, the publication that makes it wait on, unhandled. None if its time
        has come.
        """
        if message.not_before is None or message.not_before <= now:
            return None
        return self._park(message, self.ladder.hop_s(message.not_before - now))

    def _skipped(self, message: Message, skip: Skip) -> EventSkipped:
        about = skip.about
        return EventSkipped(
            stage=self.stage,
            reason=skip.reason,
            code=skip.code.value,
            skipped=message.type,
            file_id=about.file_id,
            title=about.title,
            room_id=about.room_id,
            room_title=about.room_title,
            uploaded_by=about.uploaded_by,
            uploaded_at=about.uploaded_at,
        )

    def _fact(self, cause: Message, event: Event, now: float) -> Publication:
        key = event.routing_key
        message = Message(
            body=encode(event),
            type=key,
            message_id=derived_id(cause.work_id, key, *([self.apart] if self.apart else ())),
            correlation_id=cause.correlation_id,
            timestamp=int(now),
            received_at=cause.received_at,
            app_id=self.app_id,
            traceparent=traceparent_for(cause.correlation_id),
            override=cause.override,
            swept=cause.swept,
        )
        return Publication(
            exchange=EXCHANGE,
            routing_key=key,
            message=message,
            mandatory=event.mandatory,
            headers=self._settled(now),
        )

    def _retry(self, message: Message, retry: Retry, now: float, *, paused: bool) -> Settlement:
        reason, floor_s = retry.reason, retry.not_before_s or 0.0
        ages = retry.ages and not paused
        if ages and message.waited_s >= self.ladder.max_age_s:
            gave_up = f"gave up after {message.waited_s:.0f} s of waiting: {reason}"
            return self._dead(message, gave_up, retry.code, now, error=reason)
        step_s = (
            self.ladder.person_step_s(message.attempt, message.waited_s)
            if retry.person
            else self.ladder.step_s(message.attempt)
        )
        wait_s = max(step_s, floor_s)
        again = replace(
            message,
            attempt=message.attempt + (not retry.untried),
            first_failed_at=now if message.first_failed_at is None else message.first_failed_at,
            waited_s=message.waited_s + (wait_s if ages else 0.0),
            not_before=now + wait_s if floor_s or retry.person else None,
        )
        parked = self._park(again, self.ladder.hop_s(wait_s))
        told = {"reason": cut(reason, REASON_BYTES), "code": retry.code.value, "tried": message.attempt}
        parked.headers.update(self._settled(now), **told)
        return Settlement("retry", parked, reason, retry.code)

    def _park(self, message: Message, delay_s: int) -> Publication:
        """Publish it to a delay queue. The routing key names the work queue that it returns to."""
        return Publication(exchange=queue_name(delay_s), routing_key=self.stage, message=message, mandatory=True)

    def _settled(self, now: float) -> dict[str, str | int]:
        """When it was settled and by which process, for the history. In whole milliseconds, because pika writes
        no floats.
        """
        return {"at_ms": int(now * 1000), "by": self.by}

    def _dead(self, message: Message, reason: str, code: Code, now: float, error: str | None = None) -> Settlement:
        headers: dict[str, str | int] = {
            **self._settled(now),
            "reason": cut(reason, REASON_BYTES),
            "code": code.value,
            "stage": self.stage,
            "attempts": message.attempt,
            "error": cut(error or reason, ERROR_BYTES),
            "died_at": int(now),
        }
        publication = Publication(
            exchange=DEAD,
            routing_key=f"{self.stage}.{DIED}",
            message=message,
            mandatory=True,
            headers=headers,
        )
        return Settlement("dead", publication, reason, code)
