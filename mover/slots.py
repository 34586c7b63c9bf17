"""Limits how many operations the portal runs for us. Each has a slot, which is free again once its end was read.

The portal rejects a new operation if more than ten are on record, those of all users together. A finished one
counts until its owner has read it or a minute has passed (docs/explanation/portal.md). The slots do not depend on
how an operation ended.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import structlog

from mover.pace import Pace
from shared.docspace.errors import TryLaterError
from shared.docspace.model import Operation
from shared.errors import IntakeError
from shared.threads import vital
from shared.threads.vital import Then

AT_ONCE = 3

SWEPT_S = 60.0
"""The portal forgets an operation that has not changed for this long, and no longer counts it."""

WAIT_S = 60.0
"""How long a move waits for another operation to end. After that its message goes back to the queue."""

GROWTH = 1.5

log = structlog.get_logger()


class Operations(Protocol):
    def operation(self, operation_id: str, /) -> Operation | None: ...


class Slots:
    """Thread-safe. A thread of its own, started on first use, reads the ends that nobody waits for."""

    def __init__(self, portal: Operations, pace: Pace) -> None:
        self._portal = portal
        self._pace = pace
        self._places = AT_ONCE
        self._taken = 0
        self._freed = threading.Condition()
        self._due: list[tuple[float, int, Slot]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._is_reading = False

    def begin(self, over: Callable[[], None]) -> "Slot":
        """Take a slot before a move is sent; `over` is called when it is free again. CrowdedError if none was
        free in time.
        """
        with self._freed:
            if not self._freed.wait_for(lambda: self._taken < self._places, WAIT_S):
                raise CrowdedError
            self._taken += 1
        return Slot(self._free, over)

    def share_among(self, processes: int) -> None:
        """So many movers work, this one included. They share `AT_ONCE`, and each has at least one slot."""
        with self._freed:
            self._places = max(1, AT_ONCE // max(1, processes))
            self._freed.notify_all()

    @property
    def is_full(self) -> bool:
        return self._taken >= self._places

    def _free(self) -> None:
        with self._freed:
            self._taken -= 1
            self._freed.notify_all()

    def read_later(self, slot: "Slot") -> None:
        """Read the end of an operation later, when it has probably come."""
        self._push(slot, slot.sent_at + self._pace.end_s(slot.files))

    def free_later(self, slot: "Slot") -> None:
        """Its sender reads its end and frees the slot. If it does not, the slot is free when the portal forgets
        the operation.
        """
        self._push(slot, slot.sent_at + SWEPT_S)

    def _push(self, slot: "Slot", due: float) -> None:
        with self._changed:
            heapq.heappush(self._due, (due, next(self._order), slot))
            if not self._is_reading:
                self._is_reading = vital.start_if_possible("operations", self._read_for_ever, then=Then.RESTART)
            self._changed.notify()

    def _read_for_ever(self) -> None:
        while True:
            with self._changed:
                while not self._due or self._due[0][0] > time.monotonic():
                    self._changed.wait(max(0.0, self._due[0][0] - time.monotonic()) if self._due else None)
                slot = heapq.heappop(self._due)[2]
            try:
                self._read(slot)
            except Exception:
                log.exception("operation.unread", operation_id=slot.operation_id)
                slot.end()

    def _read(self, slot: "Slot") -> None:
        if slot.is_over or slot.age_s > SWEPT_S:
            slot.end()
            return
        with suppress(IntakeError):
            found = self._portal.operation(slot.operation_id)
            if found is None or found.finished:
                self._pace.ended(slot.files, slot.age_s, finished=True)
                slot.end()
                return
            self._pace.ended(slot.files, slot.age_s, finished=False)
        self._push(slot, time.monotonic() + max(0.1, (GROWTH - 1) * slot.age_s))


class Slot:
    """The slot of one operation, from before it is sent until its end was read."""

    def __init__(self, free: Callable[[], None], over: Callable[[], None]) -> None:
        self._free = free
        self._over = over
        self._lock = threading.Lock()
        self.is_over = False
        self.operation_id = ""
        self.files = 1
        self.sent_at = time.monotonic()

    def sent(self, operation_id: str, files: int) -> None:
        self.operation_id, self.files, self.sent_at = operation_id, files, time.monotonic()

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.sent_at

    def end(self) -> None:
        """The portal no longer counts the operation. Repeating is safe."""
        if self._first():
            self._free()
            self._over()

    def forget(self) -> None:
        """The portal did not accept the operation, so it does not count it. The sender hears the error."""
        if self._first():
            self._free()

    def _first(self) -> bool:
        with self._lock:
            before, self.is_over = self.is_over, True
            return not before


class CrowdedError(TryLaterError):
    """The portal runs as many operations of ours as it should at once, so this one was not sent."""

    untried = True

    def __init__(self) -> None:
        super().__init__("the portal is still moving files that came before")
