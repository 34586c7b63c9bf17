"""The rate limits of the cloud, for each user. Source: common/ASC.Common/Utils/RateLimiterSettings.cs (3.7.2).

A call that the minute's limit refuses counts for no limit. One that another limit refuses counts for the minute.
"""

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

READS_AT_ONCE = 50
WRITES_AT_ONCE = 15
CALLS_A_MINUTE = 1500
WRITES_A_DAY = 10_000
"""Counts POST and PUT."""

MINUTE_S = 60.0
DAY_S = 86400.0


@dataclass(frozen=True)
class Refusal:
    limit: int
    reset_s: int | None = None
    """In how many seconds the limit accepts calls again. The portal says this only for the day's limit."""


@dataclass(frozen=True)
class Most:
    """The limits of one user."""

    reads_at_once: int = READS_AT_ONCE
    writes_at_once: int = WRITES_AT_ONCE
    calls_a_minute: int = CALLS_A_MINUTE
    writes_a_day: int = WRITES_A_DAY


@dataclass
class _User:
    reads: int = 0
    writes: int = 0
    called: deque[float] = field(default_factory=deque)
    """The times of the calls within the last minute."""
    day_began: float = -DAY_S
    written: int = 0
    """The writes within the day."""


class Limits:
    def __init__(
        self, *, enforced: bool, most: Most | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._enforced = enforced
        self._most = most or Most()
        self._clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._users: defaultdict[str, _User] = defaultdict(_User)

    def begin(self, user_id: str, method: str) -> Refusal | None:
        """Begin a call. If it is not refused, it counts as under way until `end`."""
        if not self._enforced:
            return None
        with self._lock:
            user, now = self._users[user_id], self._clock()
            refusal = _minute_refuses(user, self._most, now)
            if refusal is None:
                user.called.append(now)
                refusal = _others_refuse(user, self._most, method, now)
            if refusal is None:
                _count(user, method)
            return refusal

    def end(self, user_id: str, method: str) -> None:
        """The call was answered. If it began before a reset, no count goes below zero."""
        with self._lock:
            user = self._users[user_id]
            if method == "GET":
                user.reads = max(0, user.reads - 1)
            else:
                user.writes = max(0, user.writes - 1)


def _minute_refuses(user: _User, most: Most, now: float) -> Refusal | None:
    while user.called and user.called[0] <= now - MINUTE_S:
        user.called.popleft()
    return Refusal(most.calls_a_minute) if len(user.called) >= most.calls_a_minute else None


def _others_refuse(user: _User, most: Most, method: str, now: float) -> Refusal | None:
    if now - user.day_began >= DAY_S:
        user.day_began, user.written = now, 0
    if method == "GET":
        return Refusal(most.reads_at_once) if user.reads >= most.reads_at_once else None
    if user.writes >= most.writes_at_once:
        return Refusal(most.writes_at_once)
    if method in {"POST", "PUT"} and user.written >= most.writes_a_day:
        return Refusal(most.writes_a_day, math.ceil(user.day_began + DAY_S - now))
    return None


def _count(user: _User, method: str) -> None:
    user.reads += method == "GET"
    user.writes += method != "GET"
    user.written += method in {"POST", "PUT"}
