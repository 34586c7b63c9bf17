"""The worker's rate with few and with many messages waiting, taken alike: in short rounds, between two freezes.

The few are gone in a second or two, too soon to time a worker that starts. So it is frozen while the queue is
filled, and timed from the moment it has handled a tenth of them until it has handled nine. Fewer than some thousand
cannot be timed: half of a thousand lies in the worker's socket when it wakes, and the rest is gone in 50 ms.
"""

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import job, product
from bench.child import Child, ContenderError
from bench.queues import OURS, Queues, fill
from demo.ports import free_port
from shared.wire.stages import CLASSIFIER, MOVER

LEAST = 2_000
FROM, TO = 0.1, 0.9
"""The part of a round that is timed: a worker that wakes, and one that has nothing left, are not at their rate."""
LOOK_EVERY_S = 0.002
LIMIT_S = 120.0
PAUSE_S = 0.3
"""Until the broker has sent the frozen worker as much as its prefetch allows, as it has once a queue is filled."""


def few(url: str, waiting: int, rounds: int) -> list[float]:
    """Messages a second, round by round, where `waiting` messages wait and no more."""
    queues = _emptied(url)
    rates = []
    with _worker(url) as worker:
        _until(lambda: queues.consumers(CLASSIFIER.name) > 0, worker)
        for number in range(1, rounds + 1):
            _freeze(worker)
            fill(url, OURS, job.for_ours(waiting))
            rates.append(_round(worker, queues, waiting))
            expected = len(job.invoices(waiting)) * number
            _until(lambda expected=expected: queues.ready(MOVER.name) >= expected, worker)  # type: ignore[misc]
    if queues.ready(CLASSIFIER.name) or queues.ready(MOVER.name) != expected:
        raise ContenderError(f"{queues.ready(MOVER.name)} events instead of {expected}, or messages are left")
    return rates


def many(url: str, of: int, waiting: int, rounds: int) -> list[float]:
    """The same over stretches of `of` messages, where `waiting` wait at first."""
    queues = _emptied(url)
    fill(url, OURS, job.for_ours(waiting))
    with _worker(url) as worker:
        _until(lambda: queues.ready(MOVER.name) > 0, worker)
        rates = []
        for _ in range(rounds):
            _freeze(worker)
            time.sleep(PAUSE_S)
            rates.append(_round(worker, queues, of))
        if queues.ready(CLASSIFIER.name) == 0:
            raise ContenderError("all messages are gone: more must wait, or fewer rounds be run")
    handled, events = waiting - queues.ready(CLASSIFIER.name), queues.ready(MOVER.name)
    if abs(handled - events * job.ONE_IN) > of:  # several are handled at once, so the events are not in order
        raise ContenderError(f"{handled} messages are gone, and {events} events came of them")
    queues.reset()
    return rates


def _round(worker: Child, queues: Queues, of: int) -> float:
    """Wakes the worker; messages a second over the middle part of the next `of`."""
    before, events = queues.ready(MOVER.name), of // job.ONE_IN
    os.kill(worker.pid, signal.SIGCONT)
    first, first_at = _counted(queues, before + round(events * FROM), worker)
    last, last_at = _counted(queues, before + round(events * TO), worker)
    if last == first:
        raise ContenderError(f"{of:,} messages were gone between two looks: more are needed to time it")
    return (last - first) * job.ONE_IN / (last_at - first_at)


def _counted(queues: Queues, wanted: int, worker: Child) -> tuple[int, float]:
    """How many events there are once `wanted` are, and when."""
    count = 0

    def reached() -> bool:
        nonlocal count
        count = queues.ready(MOVER.name)
        return count >= wanted

    _until(reached, worker)
    return count, time.perf_counter()


def _freeze(worker: Child) -> None:
    os.kill(worker.pid, signal.SIGSTOP)


@contextlib.contextmanager
def _worker(url: str) -> Iterator[Child]:
    with tempfile.TemporaryDirectory() as folder:
        environ = {"AMQP_URL": url, "HEALTH_PORT": str(free_port())}
        with Child(product.program("ours.py"), environ, Path(folder) / "log") as child:
            try:
                yield child
            finally:
                os.kill(child.pid, signal.SIGCONT)


def _emptied(url: str) -> Queues:
    queues = Queues(url)
    queues.reset()
    fill(url, OURS, [])
    return queues


def _until(reached: Callable[[], bool], worker: Child) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not reached():
        worker.check()
        if time.monotonic() > deadline:
            raise worker.failed(f"not there in {LIMIT_S:.0f} s")
        time.sleep(LOOK_EVERY_S)
