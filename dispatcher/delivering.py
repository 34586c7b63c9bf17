"""Delivers one event to one endpoint, under a claim in the ledger, and keeps what was answered."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

import structlog

from dispatcher.gate import Gate
from shared.errors import TransientError
from shared.hooks.body import body_of, webhook_id
from shared.hooks.delivery import Answered, Courier, Sent, Unreached
from shared.hooks.signature import NoSecretError, read
from shared.rules.endpoint import Endpoint
from shared.runtime.crash_points import CrashPoint, reached
from shared.store.hooks.standing import Attempt
from shared.store.hooks.store import HookStore
from shared.store.keys import delivery_key, overridden
from shared.store.ledger import LEASE_S, Done, Held, Ledger, Won
from shared.text.codes import Code
from shared.wire.message import Message

GONE = 410
_OF_THE_WHOLE = frozenset({408, 425, 429})
"""Answers below 500 that are about the endpoint, and not about this event."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Accepted:
    """By this attempt or by an earlier one."""

    status: int


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another worker is at it."""


@dataclass(frozen=True, slots=True)
class Refused:
    reason: str
    code: Code
    wait_s: float | None = None
    """What it asked for."""


@dataclass(frozen=True, slots=True)
class Disabled:
    """The endpoint has just been disabled."""

    why: str


Delivered = Accepted | Elsewhere | Refused | Disabled


@dataclass(frozen=True, slots=True)
class Delivering:
    """For many threads. Methods raise TransientError if the database cannot be used."""

    name: str
    """Of the endpoint."""
    courier: Courier
    ledger: Ledger
    store: HookStore
    gate: Gate
    max_age_s: float
    """An endpoint that failed for so long is disabled."""
    clock: Callable[[], float] = time.time

    def deliver(self, message: Message, endpoint: Endpoint) -> Delivered:
        """Repeating is safe: what was accepted is not sent again. PermanentError for what cannot be read."""
        body, id_ = body_of(message), webhook_id(message)
        key = delivery_key(self.name, id_)
        if message.override:
            key = overridden(key, message.override)
        claim = self.ledger.claim(key, LEASE_S)
        match claim:
            case Done(status):
                return Accepted(int(status))
            case Held():
                return Elsewhere()
            case Won(token):
                reached(CrashPoint.HOOK_CLAIMED)
                with self.ledger.holding(key, claim, LEASE_S):
                    sent = self._claimed(key, token, endpoint, id_, body)
                return self._judged(message, id_, sent)
            case _:
                assert_never(claim)

    def _claimed(self, key: str, token: str, endpoint: Endpoint, id_: str, body: bytes) -> Sent:
        """Send it. The claim is completed, or released."""
        with contextlib.ExitStack() as unless_accepted:
            unless_accepted.callback(self._release, key, token)
            sent = self._sent(endpoint, id_, body)
            answer = sent.answer
            if isinstance(answer, Unreached) or not _is_accepted(answer):
                reached(CrashPoint.HOOK_REFUSED)
                return sent
            unless_accepted.pop_all()  # held until it is recorded
        reached(CrashPoint.HOOK_ACCEPTED)
        self.ledger.complete(key, str(answer.status))
        reached(CrashPoint.HOOK_RECORDED)
        return sent

    def _sent(self, endpoint: Endpoint, id_: str, body: bytes) -> Sent:
        try:
            keys = read(endpoint.secret_file)
        except NoSecretError as error:
            return Sent(Unreached(str(error), refused=True), self.clock(), 0.0)
        return self.courier.send(endpoint, keys, id_, body)

    def _judged(self, message: Message, id_: str, sent: Sent) -> Delivered:
        answer = sent.answer
        if isinstance(answer, Answered) and _is_accepted(answer):
            self.gate.accepted()
            with contextlib.suppress(TransientError):  # it is delivered; the next attempt says how it stands
                self._keep(message, id_, sent)
            return Accepted(answer.status)
        why = self._keep(message, id_, sent)
        if why is not None:
            if self.store.disable(self.name, "dispatcher", why, self.clock()):
                log.error("endpoint.disabled", endpoint=self.name, reason=why)
            return Disabled(why)
        return self._refused(message, answer)

    def _refused(self, message: Message, answer: Answered | Unreached) -> Refused:
        if isinstance(answer, Unreached):
            self.gate.refused(message, answer.reason)
            return Refused(answer.reason, Code.HOOK_UNREACHED)
        reason = f"it answered {answer.status}" + (f": {answer.body}" if answer.body else "")
        if _is_redirect(answer):
            reason = f"it answered {answer.status}, and no redirect is followed: name the address that it leads to"
        if answer.status >= 500 or answer.status in _OF_THE_WHOLE or _is_redirect(answer):  # noqa: PLR2004 - HTTP's
            self.gate.refused(message, reason, answer.retry_after_s)
        return Refused(reason, Code.HOOK_REFUSED, answer.retry_after_s)

    def _keep(self, message: Message, id_: str, sent: Sent) -> str | None:
        """Keep the attempt. Why the endpoint is to be disabled, None if it is not."""
        status, said = _written(sent.answer)
        attempt = Attempt(
            endpoint=self.name,
            at=sent.at,
            took_s=sent.took_s,
            event=message.type,
            webhook_id=id_,
            attempt=message.attempt,
            status=status,
            answer=said,
        )
        standing = self.store.attempted(attempt)
        if attempt.status == GONE:
            return "it answered 410 Gone: it wants no more"
        since = standing.failing_since
        if since is not None and self.clock() - since >= self.max_age_s:
            return f"every attempt failed for {(self.clock() - since) / 3600:.1f} hours"
        return None

    def _release(self, key: str, token: str) -> None:
        """One that cannot be released ends with its lease."""
        with contextlib.suppress(TransientError):
            self.ledger.release(key, token)


def _written(answer: Answered | Unreached) -> tuple[int | None, str]:
    return (answer.status, answer.body) if isinstance(answer, Answered) else (None, answer.reason)


def _is_accepted(answer: Answered | Unreached) -> bool:
    return isinstance(answer, Answered) and 200 <= answer.status < 300  # noqa: PLR2004 - HTTP's


def _is_redirect(answer: Answered) -> bool:
    return 300 <= answer.status < 400  # noqa: PLR2004 - HTTP's
