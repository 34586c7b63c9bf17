"""What a look found last, for pages that must not wait for it: broker, workers and mail server may take seconds."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.errors import IntakeError

T = TypeVar("T")

EVERY_S = 10.0
PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    value: T
    age_s: float


class Latest(Generic[T]):
    """Looks when somebody asks and what is there is too old, on a thread of its own, one at a time."""

    def __init__(
        self, look: Callable[[], T], every_s: float = EVERY_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """An IntakeError of `look` is told to who asks, until a look succeeds."""
        self._look = look
        self._every_s = every_s
        self._clock = clock
        self._changed = threading.Condition()
        self._running = False
        self._looks = 0
        self._began_at: float | None = None
        """When the look began of which value or fault stand below; None: nothing is known."""
        self._value: T | None = None
        self._fault: IntakeError | None = None

    def get(self, patience_s: float = PATIENCE_S) -> Found[T] | None:
        """None: the first look has not ended within `patience_s`. Raises the IntakeError of a look that failed."""
        with self._changed:
            if not self._running and (self._began_at is None or self._age_s() > self._every_s):
                self._running = True
                threading.Thread(target=self._run, name="web-look", daemon=True).start()
            if self._began_at is None:
                before = self._looks
                self._changed.wait_for(lambda: self._looks > before, timeout=patience_s)
            if self._fault is not None:
                raise self._fault
            return None if self._value is None else Found(self._value, self._age_s())

    def forget(self) -> None:
        """Somebody changed what is looked at: who asks next waits for a new look."""
        with self._changed:
            self._began_at = self._value = self._fault = None

    def _run(self) -> None:
        value: T | None = None
        fault: IntakeError | None = None
        began_at = self._clock()
        try:
            value = self._look()
        except IntakeError as error:
            fault = error
        finally:
            with self._changed:
                self._running, self._looks = False, self._looks + 1
                self._began_at, self._value, self._fault = began_at, value, fault
                self._changed.notify_all()

    def _age_s(self) -> float:
        return 0.0 if self._began_at is None else self._clock() - self._began_at
