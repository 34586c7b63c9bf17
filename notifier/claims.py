"""Tells a channel once, under a claim in the ledger."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import assert_never

import structlog

from notifier.attempt import Attempt
from shared.announcing.channels.channel import Channel
from shared.errors import PermanentError, TransientError
from shared.runtime.crash_points import CrashPoint, reached
from shared.store.ledger import Done, Held, Ledger, Won
from shared.store.ledger.leases import LEASE_S
from shared.store.ledger.rows import Claim
from shared.text.codes import Code
from shared.wire.message import Message

OUTBOX = "outbox:"
"""The result of a claim that ended as its invoice joined a window begins with it; then the message's `work_id`."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Told:
    by: str
    """The `work_id` of the message whose handling told them."""


@dataclass(frozen=True, slots=True)
class Joined:
    """It is in a window of the outbox, which waits or was sent."""

    by: str
    work: str = ""
    """The key under which the outbox has the invoice."""


@dataclass(frozen=True, slots=True)
class NotYet:
    reason: str
    code: Code
    wait_s: float | None = None
    elsewhere: bool = False
    """Another worker is telling this channel and will be done in a moment. If it died, its lease ends soon."""
    untried: bool = False
    """It was not asked, as it is not its turn: no try is counted."""


@dataclass(frozen=True, slots=True)
class Never:
    reason: str
    code: Code


Found = Told | Joined | NotYet | Never

ELSEWHERE = NotYet("another worker is at it", Code.AT_WORK, elsewhere=True)


@dataclass(frozen=True, slots=True)
class Older:
    """The claim of the first released version for the same."""

    key: str
    is_same: Callable[[float | None], bool]
    """Whether what it did at that moment was this: its key may have been another file's."""


Join = Callable[[Channel, Sequence[Claim], str], bool]
"""Whether the channel is told later. Then it has joined its window, and the claims have ended with that result."""


def _at_once(_channel: Channel, _claims: Sequence[Claim], _result: str) -> bool:
    return False


class Claims:
    """The claims of one message. Repeating is safe: nobody who was told is told again.

    TransientError if the ledger cannot be reached.
    """

    def __init__(self, message: Message, attempt: Attempt, ledger: Ledger) -> None:
        self._message = message
        self._attempt = attempt
        self._ledger = ledger

    def tell(self, key: str, channel: Channel, older: Older | None = None, join: Join = _at_once) -> Found:
        claim = self._ledger.claim(key, LEASE_S)
        match claim:
            case Done(by):
                return _found(by)
            case Held():
                return ELSEWHERE
            case Won():
                reached(CrashPoint.MAIL_CLAIMED)
                with self._ledger.holding(key, claim, LEASE_S):
                    if older is None:
                        return self._send([Claim(key, claim.token)], channel, join)
                    return self._unless_told_before(Claim(key, claim.token), channel, older, join)
            case _:
                assert_never(claim)

    def _unless_told_before(self, won: Claim, channel: Channel, older: Older, join: Join) -> Found:
        """Whether the first released version told it."""
        old = self._ledger.claim(older.key, LEASE_S)
        match old:
            case Done(by, at) if older.is_same(at):
                self._ledger.complete(won.key, by)
                return Told(by)
            case Done():
                return self._send([won], channel, join)
            case Held():
                self._ledger.release(won.key, won.token)
                return ELSEWHERE
            case Won():
                with self._ledger.holding(older.key, old, LEASE_S):
                    return self._send([won, Claim(older.key, old.token)], channel, join)
            case _:
                assert_never(old)

    def _send(self, claims: list[Claim], channel: Channel, join: Join) -> Found:
        """Tell one channel under the first of the claims. All are completed, or released. If this raises an
        unexpected error, the other channels are told all the same.
        """
        by = self._message.work_id
        with contextlib.ExitStack() as unless_sent:
            unless_sent.callback(self._release, claims)
            try:
                if join(channel, claims, f"{OUTBOX}{by}"):
                    unless_sent.pop_all()
                    reached(CrashPoint.OUTBOX_JOINED)
                    return Joined(by)
                self._attempt.send(channel, claims[0].key)
            except TransientError as error:
                reached(CrashPoint.MAIL_REFUSED)
                return NotYet(str(error), error.code, error.retry_after_s, untried=error.untried)
            except PermanentError as error:
                return Never(str(error), error.code)
            except Exception as error:
                log.exception("delivery.failed", to=channel.name, message_id=self._message.message_id)
                return NotYet(f"unexpected {type(error).__name__}: {error}", Code.UNEXPECTED)
            unless_sent.pop_all()  # held until it is recorded
        reached(CrashPoint.MAIL_ACCEPTED)
        for each in claims:
            self._ledger.complete(each.key, by)
        reached(CrashPoint.MAIL_RECORDED)
        return Told(by)

    def _release(self, claims: list[Claim]) -> None:
        """Release the claims. One that cannot be released ends with its lease."""
        for each in claims:
            with contextlib.suppress(TransientError):
                self._ledger.release(each.key, each.token)


def _found(by: str) -> Told | Joined:
    return Joined(by.removeprefix(OUTBOX)) if by.startswith(OUTBOX) else Told(by)
