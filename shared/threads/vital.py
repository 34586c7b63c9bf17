"""Long-lived threads: none ends unheard. Who starts one says what comes after a failure.

A failure is logged with its traceback and counted. Then the work is begun again, or the process ends with exit
code 1 and whatever started it starts it again.
"""

import threading
import time
from collections.abc import Callable
from enum import Enum, auto

import structlog
from prometheus_client import Counter

from shared.threads.counts import PROCESS

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
"""Before the work is begun again: twice as long each time, as what made it fail may last."""
LASTED_S = 60.0
"""Work that ran for so long before it failed starts anew with the shortest pause."""

FAILURES = Counter(
    "intake_thread_failures", "Failures of threads that must not end, by thread", ["thread"], registry=PROCESS
)
died = threading.Event()
"""A thread failed whose owner said END. The main loop returns exit code 1 when it sees this."""

log = structlog.get_logger()


class Then(Enum):
    """What follows a failure."""

    RESTART = auto()
    """The work is begun again in the same thread, after a pause."""
    END = auto()
    """The process ends: nobody else could have begun the work again."""


def start(
    name: str, work: Callable[[], None], *, then: Then, longest_pause_s: float = LONGEST_PAUSE_S
) -> threading.Thread:
    """Do `work` on a thread that ends with the process, or when `work` returns.

    RuntimeError where the system gives no thread.
    """
    thread = threading.Thread(target=_run, args=(name, work, then, longest_pause_s), name=name, daemon=True)
    thread.start()
    return thread


def start_if_possible(
    name: str, work: Callable[[], None], *, then: Then, longest_pause_s: float = LONGEST_PAUSE_S
) -> bool:
    """As `start`, for work that may begin later: False where the system gives no thread now."""
    try:
        start(name, work, then=then, longest_pause_s=longest_pause_s)
    except RuntimeError as error:
        log.warning("thread.refused", thread=name, reason=str(error))
        return False
    return True


def _run(name: str, work: Callable[[], None], then: Then, longest_pause_s: float) -> None:
    pause_s = FIRST_PAUSE_S
    while True:
        began = time.monotonic()
        try:
            return work()
        except Exception:
            FAILURES.labels(name).inc()
            if then is Then.END:
                log.critical("thread.failed", thread=name, then="the process ends", exc_info=True)
                died.set()
                return None
            if time.monotonic() - began >= LASTED_S:
                pause_s = FIRST_PAUSE_S
            log.exception("thread.failed", thread=name, again_in_s=pause_s)
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, longest_pause_s)
