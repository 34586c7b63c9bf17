"""Long-lived threads: none dies unnoticed, and whoever starts one says what follows a failure.

A failure is logged with its traceback and counted. Then the work starts again in the same thread; or the process
ends with exit code 1, and whatever started the process starts it again.
"""

import threading
import time
from collections.abc import Callable
from enum import Enum, auto

import structlog
from prometheus_client import Counter

from shared.threads.counts import PROCESS

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
"""The pause before the work starts again. It doubles each time, because the cause of the failure may last."""
LASTED_S = 60.0
"""If the work ran for this long before it failed, the pauses begin with the shortest again."""

FAILURES = Counter(
    "intake_thread_failures", "Failures of threads that must not end, by thread", ["thread"], registry=PROCESS
)
died = threading.Event()
"""Set when a thread with `Then.END` failed. The main loop then returns exit code 1."""
_wakes: list[Callable[[], None]] = []

log = structlog.get_logger()


class Then(Enum):
    """What follows a failure."""

    RESTART = auto()
    """The work starts again in the same thread, after a pause."""
    END = auto()
    """The process ends, because nothing in it could start the work again."""


def on_death(wake: Callable[[], None]) -> None:
    """Have `wake` called after `died` is set, so that a main loop that sleeps for long ends at once."""
    _wakes.append(wake)


def start(
    name: str, work: Callable[[], None], *, then: Then, longest_pause_s: float = LONGEST_PAUSE_S
) -> threading.Thread:
    """Do `work` on a thread that ends with the process, or when `work` returns. RuntimeError if the system
    refuses a thread.
    """
    thread = threading.Thread(target=_run, args=(name, work, then, longest_pause_s), name=name, daemon=True)
    thread.start()
    return thread


def start_if_possible(
    name: str, work: Callable[[], None], *, then: Then, longest_pause_s: float = LONGEST_PAUSE_S
) -> bool:
    """Like `start`, for work that may begin later: False if the system refuses a thread now."""
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
                for wake in _wakes:
                    wake()
                return None
            if time.monotonic() - began >= LASTED_S:
                pause_s = FIRST_PAUSE_S
            log.exception("thread.failed", thread=name, again_in_s=pause_s)
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, longest_pause_s)
