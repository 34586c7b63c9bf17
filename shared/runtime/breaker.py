"""A circuit breaker: decides whether what every message needs is down as a whole. Pure; for many threads.

It only counts and remembers. While it is open, `shared.runtime.pause` stops the worker from taking messages and
asks whether it may close.
"""

import threading

FAILURES = 5
"""This many failures in a row open it. With fewer, one message's bad luck could do so. With more, further
messages would use up attempts. If it opens wrongly, that costs a pause of `FIRST_WAIT_S`."""

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 10.0
"""The longest wait between two probes. A dependency that is back is noticed within seconds, and a cheap call
every 10 s harms nothing."""


class Breaker:
    def __init__(self, first_wait_s: float = FIRST_WAIT_S, longest_wait_s: float = LONGEST_WAIT_S) -> None:
        self._first_wait_s = first_wait_s
        self._longest_wait_s = longest_wait_s
        self._lock = threading.Lock()
        self._failures = 0
        self._wait_s = first_wait_s
        self._reason: str | None = None
        self._opened = threading.Event()

    @property
    def reason(self) -> str | None:
        """Why it is open, None if it is closed."""
        return self._reason

    def failed(self, reason: str, *, certain: bool = False) -> None:
        """A call failed in a way that concerns all calls. `certain` opens it at once."""
        with self._lock:
            self._failures += 1
            if self._reason is None and (certain or self._failures >= FAILURES):
                self._reason = reason
                self._opened.set()

    def succeeded(self) -> None:
        """A call was answered. This does not close it, because the call may have begun before the fault."""
        with self._lock:
            if self._reason is None:
                self._failures = 0
                self._wait_s = self._first_wait_s

    def close(self) -> None:
        """A probe that was sent while it was open succeeded."""
        with self._lock:
            self._failures = 0
            self._reason = None
            self._opened.clear()

    def wait_until_open(self) -> None:
        self._opened.wait()

    def next_wait_s(self) -> float:
        """The wait before the next probe. It grows until a call succeeds while the breaker is closed.

        So a portal that answers the probe and fails the work is tried less and less often.
        """
        with self._lock:
            wait_s = self._wait_s
            self._wait_s = min(2 * wait_s, self._longest_wait_s)
            return wait_s
