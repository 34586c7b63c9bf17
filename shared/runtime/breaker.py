"""A circuit breaker: says whether a dependency that every message needs is down as a whole. Pure; for many threads.

It only counts and remembers: `shared.runtime.pause` stops the intake while it is open, and asks when it may close.
"""

import threading

FAILURES = 5
"""In a row. Fewer would trip over one message's bad luck, as any good answer in between starts the count anew; more
only burns more messages' attempts, and being wrong costs a pause of `FIRST_WAIT_S`."""

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 10.0
"""Between two probes: what comes back is noticed within seconds, and a cheap call every 10 s harms nothing."""


class Breaker:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._wait_s = FIRST_WAIT_S
        self._reason: str | None = None
        self._opened = threading.Event()

    @property
    def reason(self) -> str | None:
        """Why it is open, else None."""
        return self._reason

    def failed(self, reason: str, *, certain: bool = False) -> None:
        """A call failed in a way that speaks of all calls; `certain` opens at once."""
        with self._lock:
            self._failures += 1
            if self._reason is None and (certain or self._failures >= FAILURES):
                self._reason = reason
                self._opened.set()

    def succeeded(self) -> None:
        """A call was answered. It does not close: one that began before the fault may end long after."""
        with self._lock:
            if self._reason is None:
                self._failures = 0
                self._wait_s = FIRST_WAIT_S

    def close(self) -> None:
        """A probe that was sent while it was open found all well."""
        with self._lock:
            self._failures = 0
            self._reason = None
            self._opened.clear()

    def wait_until_open(self) -> None:
        self._opened.wait()

    def next_wait_s(self) -> float:
        """Before the next probe: longer each time, until a call succeeds while closed.

        So what answers the probe and fails the work is let in less and less often.
        """
        with self._lock:
            wait_s = self._wait_s
            self._wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            return wait_s
