"""Tells each channel of an invoice once, under a claim in the ledger."""

import contextlib
from dataclasses import dataclass
from typing import assert_never

import structlog

from notifier.attempt import Attempt
from shared.announcing.channels.channel import Channel
from shared.errors import PermanentError, TransientError
from shared.runtime.crash_points import CrashPoint, reached
from shared.store import released
from shared.store.keys import announcement_key, overridden
from shared.store.ledger import Done, Held, Ledger, Won
from shared.store.ledger.leases import LEASE_S
from shared.text.codes import Code
from shared.wire.events import InvoiceFiled
from shared.wire.message import Message

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Told:
    by: str
    """The `work_id` of the message whose handling told them."""


@dataclass(frozen=True, slots=True)
class NotYet:
    reason: str
    code: Code
    wait_s: float | None = None
    elsewhere: bool = False
    """Another worker is telling this channel and will be done in a moment. If it died, its lease ends soon."""


@dataclass(frozen=True, slots=True)
class Never:
    reason: str
    code: Code


Found = Told | NotYet | Never

ELSEWHERE = NotYet("another worker is at it", Code.AT_WORK, elsewhere=True)


class Once:
    """The claims of one message. Repeating is safe: nobody who was told is told again.

    `host` is the portal's; the claims of the first released version are named after it. TransientError if the
    ledger cannot be reached.
    """

    def __init__(
        self, message: Message, invoice: InvoiceFiled, attempt: Attempt, ledger: Ledger, host: str
    ) -> None:
        self._message = message
        self._invoice = invoice
        self._attempt = attempt
        self._ledger = ledger
        file = (invoice.source_file_id, invoice.file_id, invoice.version)
        self._work = announcement_key(invoice.portal, *file, invoice.created_at)
        self._released = released.announcement_key(host, *file) if ledger.upgraded() else None
        """None if no worker of the first version can have told anyone."""

    def tell(self, channel: Channel) -> Found:
        key, override = f"{self._work}:{channel.id}", self._message.override
        old_key = self._released and f"{self._released}:{channel.id}"
        found = self._tell_as(key, channel, old_key)
        if override and isinstance(found, Told) and found.by != self._message.work_id:
            return self._tell_as(overridden(key, override), channel, None)
        return found

    def _tell_as(self, key: str, channel: Channel, old_key: str | None) -> Found:
        claim = self._ledger.claim(key, LEASE_S)
        match claim:
            case Done(by):
                return Told(by)
            case Held():
                return ELSEWHERE
            case Won():
                reached(CrashPoint.MAIL_CLAIMED)
                with self._ledger.holding(key, claim, LEASE_S):
                    if old_key is None:
                        return self._send([(key, claim)], channel)
                    return self._unless_told_before((key, claim), channel, old_key)
            case _:
                assert_never(claim)

    def _unless_told_before(self, won: tuple[str, Won], channel: Channel, old_key: str) -> Found:
        """Whether the first released version told it. Its key may have been another file's."""
        key, claim = won
        old = self._ledger.claim(old_key, LEASE_S)
        match old:
            case Done(by, at) if released.is_same_file(
                self._invoice.created_at or self._invoice.uploaded_at, None, at
            ):
                self._ledger.complete(key, by)
                return Told(by)
            case Done():
                return self._send([won], channel)
            case Held():
                self._ledger.release(key, claim.token)
                return ELSEWHERE
            case Won():
                with self._ledger.holding(old_key, old, LEASE_S):
                    return self._send([won, (old_key, old)], channel)
            case _:
                assert_never(old)

    def _send(self, claims: list[tuple[str, Won]], channel: Channel) -> Found:
        """Tell one channel under the first of the claims. All are completed, or released. If this raises an
        unexpected error, the other channels are told all the same.
        """
        key, _ = claims[0]
        with contextlib.ExitStack() as unless_sent:
            unless_sent.callback(self._release, claims)
            try:
                self._attempt.send(channel, key)
            except TransientError as error:
                reached(CrashPoint.MAIL_REFUSED)
                return NotYet(str(error), error.code, error.retry_after_s)
            except PermanentError as error:
                return Never(str(error), error.code)
            except Exception as error:
                log.exception("delivery.failed", to=channel.name, message_id=self._message.message_id)
                return NotYet(f"unexpected {type(error).__name__}: {error}", Code.UNEXPECTED)
            unless_sent.pop_all()  # held until it is recorded
        reached(CrashPoint.MAIL_ACCEPTED)
        for name, _ in claims:
            self._ledger.complete(name, self._message.work_id)
        reached(CrashPoint.MAIL_RECORDED)
        return Told(self._message.work_id)

    def _release(self, claims: list[tuple[str, Won]]) -> None:
        """Release the claims. One that cannot be released ends with its lease."""
        for key, claim in claims:
            with contextlib.suppress(TransientError):
                self._ledger.release(key, claim.token)
