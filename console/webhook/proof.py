"""Gives the portal a new secret, and proves by the portal's own log that it is the one that is used.

A 200 proves nothing: the end of a delivery writes the whole configuration back as it was at its beginning, and the
old secret with it (tests/recorded/hook-rotate-during-delivery.json). The portal sends in batches and takes the next
when the last of a batch has ended. So once an event that came after the PUT was sent, every delivery from before it
has ended; if that event is signed with the new secret, nothing is left that could bring the old one back.

No time of the portal's decides: rows are ordered by id, and waiting is by our own clock.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Protocol

from console.webhook.signed import Signed, ended, newest_id, signed, waiting
from shared.docspace.errors import ForbiddenError, ScopeMissingError
from shared.docspace.webhook_log import LogEntry

NOT_READABLE = (ForbiddenError, ScopeMissingError)


class Portal(Protocol):
    """Our webhook's side of it. Each may raise the errors of `shared.docspace.errors`."""

    def put(self) -> None:
        """Give it the new secret. Repeating is safe."""

    def rows(self) -> Sequence[LogEntry]:
        """The newest of its log."""

    def retry(self, row_id: int) -> None:
        """Have a row sent again, as a new one."""


class Proof(Enum):
    PROVEN = auto()
    NO_ROW = auto()
    """Its log is empty: nothing was sent that could be sent again."""
    NOT_READABLE = auto()
    NOT_IN_TIME = auto()
    """Deliveries of ours have not ended, or each ended with the old secret."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds."""

    limit_s: float = 300.0
    """For all of it."""
    look_every_s: float = 2.0
    settle_s: float = 2.0
    """Between a row's end and what the portal writes back with it; far more than two writes to a database take."""


@dataclass(slots=True)
class Clock:
    seconds: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Prover:
    portal: Portal
    secrets: Sequence[bytes]
    """The last is the new one."""
    say: Callable[[str], None]
    """Told what is waited for."""
    pace: Pace = field(default_factory=Pace)
    clock: Clock = field(default_factory=Clock)

    def run(self) -> Proof:
        """The new secret is put, as often as needed. Safe to interrupt anywhere, and to repeat."""
        end = self.clock.seconds() + self.pace.limit_s
        while True:
            suspects = self._under_way()
            self.clock.sleep(self.pace.settle_s)
            self.portal.put()
            proof = self._proof(suspects, end)
            if proof is not None:
                return proof
            self.say("the portal went back to the old secret at the end of a delivery: put again")
            self._quiet(end)

    def put_quietly(self) -> bool:
        """Give it the new secret once; whether nothing of ours was under way that could bring another one back."""
        try:
            before = self.portal.rows()
            self.clock.sleep(self.pace.settle_s)
            self.portal.put()
            after = self.portal.rows()
        except NOT_READABLE:
            self.portal.put()
            return False
        return not self._waiting(before) and not self._waiting(after) and newest_id(before) == newest_id(after)

    def _under_way(self) -> set[int]:
        try:
            return {row.id for row in self._waiting(self.portal.rows())}
        except NOT_READABLE:
            return set()

    def _proof(self, suspects: set[int], end: float) -> Proof | None:
        """None where the old secret is back."""
        try:
            rows = self.portal.rows()
            if not rows:
                return Proof.NO_ROW
            last = newest_id(rows)
            suspects = suspects | {row.id for row in self._waiting(rows)}
            looks, retried = 0, False
            while self.clock.seconds() < end:
                verdict = self._verdict(rows, suspects, last)
                if verdict is Signed.NEW:
                    return self._second_look(suspects, last)
                if verdict is not None:
                    return Proof.NOT_READABLE if verdict is Signed.UNTOLD else None
                if looks and not retried and not self._waiting(rows) and newest_id(rows) == last:
                    self.portal.retry(max(ended(rows) or rows, key=lambda row: row.id).id)
                    retried = True
                self._wait(rows, end)
                rows, looks = self.portal.rows(), looks + 1
        except NOT_READABLE:
            return Proof.NOT_READABLE
        return Proof.NOT_IN_TIME

    def _verdict(self, rows: Sequence[LogEntry], suspects: set[int], last: int) -> Signed | None:
        """Of what has ended; None while it tells nothing yet. `last` is the newest row from before the PUT."""
        told = {signed(row, self.secrets) for row in ended(rows) if row.id > last or row.id in suspects}
        if Signed.OLD in told:
            return Signed.OLD
        old_ones_wait = any(row.id <= last for row in self._waiting(rows))
        sent_after = {signed(row, self.secrets) for row in ended(rows) if row.id > last}
        if old_ones_wait or not sent_after:
            return None
        return Signed.NEW if Signed.NEW in sent_after else Signed.UNTOLD

    def _second_look(self, suspects: set[int], last: int) -> Proof | None:
        self.clock.sleep(self.pace.settle_s)
        return Proof.PROVEN if self._verdict(self.portal.rows(), suspects, last) is Signed.NEW else None

    def _quiet(self, end: float) -> None:
        """Until nothing of ours waits: a PUT in that moment lasts."""
        while self.clock.seconds() < end and self._waiting(rows := self.portal.rows()):
            self._wait(rows, end)

    def _waiting(self, rows: Sequence[LogEntry]) -> list[LogEntry]:
        return waiting(rows, self.clock.now())

    def _wait(self, rows: Sequence[LogEntry], end: float) -> None:
        left = max(0.0, end - self.clock.seconds())
        count = sum(row.waiting for row in rows)
        what = f"{count} of our events to be delivered" if count else "the next delivery"
        self.say(f"waiting for {what}, at most {left:.0f} s more")
        self.clock.sleep(self.pace.look_every_s)
