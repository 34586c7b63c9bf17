"""The dead letters of every stage, for a person: read, replayed or removed, and never lost on the way.

A look must not use a message up. Handing one back to its queue, by a nack or by closing the channel, counts as a
delivery, and RabbitMQ 4.x drops from a quorum queue without a limit of its own what was handed back 21 times (seen
on 4.0.5; `x-delivery-limit: -1` helps there, and on 3.10.8 loses a message at its first return). So a pass takes
each letter once, publishes it again to the end of the same queue, and acknowledges the original only when that is
confirmed: its count starts afresh, and once all are passed their order is as it was. Cut off midway, it leaves at
worst one letter twice, with one message id. A pass is bounded by the queue's length at its start.
"""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, assert_never

import pika
from pika.exceptions import NackError

from shared.amqp.confirms import UnroutableError
from shared.amqp.operator.again import NEVER_AGAIN, again, properties_of
from shared.amqp.operator.alone import Alone, translated
from shared.runtime.crash_points import CrashPoint, reached
from shared.runtime.settle import AGAIN, DEAD, DIED, DISCARDED, KEPT, REPLAYED
from shared.wire import headers
from shared.wire.message import derived_id

_PAST_TRIES = NEVER_AGAIN | {
    *("attempt", "first_failed_at_ms", "waited_ms", "not_before_ms"),
    *("reason", "code", "tried", "stage", "attempts", "error", "died_at", "at_ms", "by"),
    *("x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason"),
    *("x-last-death-exchange", "x-last-death-queue", "x-last-death-reason"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One message of `<stage>.dead`, as it lies there."""

    stage: str
    message_id: str
    """Where its publisher set none, the one that the workers derive from its body."""
    properties: dict[str, Any]
    """Those that are set, by their AMQP names, without the headers."""
    headers: dict[str, Any]
    body: bytes


class Verdict(Enum):
    KEEP = auto()
    REPLAY = auto()
    """Back to the stage's work queue, with a fresh retry budget."""
    REMOVE = auto()


Decide = Callable[[DeadLetter], Verdict]
"""What is to be kept of a letter must be safe elsewhere before it says REMOVE."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the history is told of a letter that a person took up."""

    by: str = ""
    """Who; this process where it is empty."""
    why: str = ""
    at: float | None = None
    """When, in seconds since the epoch, the same each time that it is told; None: now."""


Tell = Callable[[DeadLetter], Told]


class DeadLetters(Alone):
    """A context manager, for one thread. Repeating any pass is safe.

    Two passes at once would shuffle each other's letters: the second waits a little, then raises UnavailableError.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        super().__init__(urls, "console dead")

    def read(self, stage: str) -> Iterator[DeadLetter]:
        """All of a stage's, oldest first; they stay."""
        return (letter for letter, _ in self.sweep(stage, lambda _: Verdict.KEEP))

    def sweep(
        self, stage: str, decide: Decide, *, override: str | None = None, tell: Tell = lambda _: Told()
    ) -> Iterator[tuple[DeadLetter, Verdict]]:
        """Each of a stage's, oldest first, with what was done to it, once that is done.

        What is replayed carries the `override`; see `Message.override`. What `tell` says of it stands on its
        timeline, once for each `Told.at`.

        Raises UnroutableError if no queue is bound for a replay (the letter stays), NackedError if the broker
        refuses a message, UnknownError if the connection is lost; what was not yet yielded is still there.
        """
        with translated():
            for _ in range(self.length(f"{stage}.dead")):
                method, props, body = self._channel.basic_get(f"{stage}.dead")
                if method is None:
                    return
                letter = _letter(stage, props, body)
                verdict = decide(letter)
                self._do(verdict, letter, props, override, tell)
                reached(CrashPoint.LETTER_SENT)
                self._channel.basic_ack(method.delivery_tag)
                yield letter, verdict

    def put_back(self, letter: DeadLetter, told: Told) -> None:
        """Make it a dead letter again, as it was. UnroutableError where its stage has no queue for them."""
        props = pika.BasicProperties(**letter.properties, headers=letter.headers)
        back = again(props)
        back.message_id = letter.message_id
        at = time.time() if told.at is None else told.at
        back.headers |= {"at_ms": int(at * 1000), "by": told.by or _this_process()}
        with translated():
            self.publish(f"{letter.stage}.{DIED}", letter.body, back, DEAD)

    def _do(
        self, verdict: Verdict, letter: DeadLetter, props: pika.BasicProperties, override: str | None, tell: Tell
    ) -> None:
        match verdict:
            case Verdict.KEEP:
                self.publish(f"{letter.stage}.{KEPT}", letter.body, again(props), DEAD)
            case Verdict.REPLAY:
                replayed = _replayed(letter, props, override)
                try:
                    self.publish(f"{letter.stage}.{AGAIN}", letter.body, replayed, DEAD)
                except UnroutableError:
                    self.publish(f"{letter.stage}.{KEPT}", letter.body, again(props), DEAD)
                    raise
                self._tell(REPLAYED, letter, replayed, tell(letter))
            case Verdict.REMOVE:
                self._tell(DISCARDED, letter, _replayed(letter, props, None), tell(letter))
            case _:
                assert_never(verdict)

    def _tell(self, what: str, letter: DeadLetter, fact: pika.BasicProperties, told: Told) -> None:
        """For the history, if there is one."""
        fact.headers["by"] = told.by or _this_process()
        if told.at is not None:
            fact.headers["at_ms"] = max(int(told.at * 1000), _died_at_ms(letter) + 1)
        if told.why:
            fact.headers["reason"] = told.why
        with contextlib.suppress(NackError):  # a stream that is out of order must not hold up the letters
            self._channel.basic_publish(DEAD, f"{letter.stage}.{what}", letter.body, fact)


def _died_at_ms(letter: DeadLetter) -> int:
    """By the clock of who buried it: a person took it up later, whatever their clock says."""
    at = headers.seconds(letter.headers, "at_ms")
    return 0 if at is None else round(at * 1000)


def _this_process() -> str:
    return f"console@{socket.gethostname()}:{os.getpid()}"


def _letter(stage: str, props: pika.BasicProperties, body: bytes) -> DeadLetter:
    return DeadLetter(
        stage=stage,
        message_id=props.message_id or derived_id(body),
        properties=properties_of(props),
        headers=dict(props.headers or {}),
        body=body,
    )


def _replayed(letter: DeadLetter, props: pika.BasicProperties, override: str | None) -> pika.BasicProperties:
    """As it first came, but published now. The type says what the routing key may have said: the key changes."""
    fresh = again(props, _PAST_TRIES)
    fresh.message_id = letter.message_id
    fresh.headers["at_ms"] = int(time.time() * 1000)
    if override:
        fresh.headers["override"] = override
    if fresh.type is None:
        deaths = letter.headers.get("x-death") or [{}]
        fresh.type = next(iter(deaths[0].get("routing-keys", ())), None)
    return fresh
