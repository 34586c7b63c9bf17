"""One run of one worker: from the first message that leaves the queue until the last event is on the next.

The job: decode 1 kB of JSON, decide, publish the next event for one in four with a confirm, acknowledge. The
equal job is the same with an event for every message, since ours always publishes one: `event.skipped` for a skip.
Persistent, quorum queues, one process; the broker says how far it is. Afterwards every message must have arrived
exactly as it must, or the bench fails.
"""

import contextlib
import re
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import job
from bench.child import Child, ContenderError
from bench.contenders import OURS_KEPT, OURS_NAMES, Worker, run_tool
from bench.queues import JOBS, NEXT, OURS, PLAIN, SKIPPED, Queues, fill
from demo.ports import free_port
from shared.runtime.settle import EXCHANGE
from shared.wire.message import derived_id
from shared.wire.stages import CLASSIFIER, MOVER

LOOK_EVERY_S = 0.01
START_LIMIT_S = 60.0
RUN_LIMIT_S = 180.0


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    per_s: float
    cpu_s: float
    """Of the contender's processes between the first message and the last: without start and imports."""
    cpu_us: float
    """For each message."""
    resident_mb: float
    """At the end of the work."""


def run(
    url: str,
    contender: Worker,
    count: int,
    prefetch: int,
    one_in: int = job.ONE_IN,
    *,
    filled: Callable[[], None] = lambda: None,
) -> WorkerFigures:
    """`filled` is called before the contender starts."""
    with contextlib.closing(Queues(url)) as queues:
        return _run(url, queues, contender, count, prefetch, one_in=one_in, filled=filled)


def _run(
    url: str,
    queues: Queues,
    contender: Worker,
    count: int,
    prefetch: int,
    *,
    one_in: int,
    filled: Callable[[], None],
) -> WorkerFigures:
    queues.reset()
    ours = contender.name in OURS_NAMES
    source, target = (CLASSIFIER.name, MOVER.name) if ours else (JOBS, NEXT)
    health_port = free_port()
    environ = {
        "AMQP_URL": url,
        "HEALTH_PORT": str(health_port),
        "BENCH_PREFETCH": str(prefetch),
        "BENCH_ONE_IN": str(one_in),
    }
    if contender.fills_itself:
        run_tool(contender.fill_command(count), {**environ, **contender.environ})
    else:
        fill(url, OURS if ours else PLAIN, job.for_ours(count) if ours else job.for_peers(count))
    expected = {target: len(job.invoices(count, one_in))}
    if contender.name == OURS_KEPT:
        queues.bind(SKIPPED, EXCHANGE, "event.skipped")
        expected[SKIPPED] = count - expected[target]
    _wait_for_fill(queues, source, count)
    filled()
    with tempfile.TemporaryDirectory() as folder:
        with Child(contender.command, {**environ, **contender.environ}, Path(folder) / "log") as child:
            _until(lambda: queues.ready(source) < count, child, START_LIMIT_S)
            started, cpu_before_s = time.perf_counter(), child.cpu_s()
            _until(lambda: all(queues.ready(name) >= n for name, n in expected.items()), child, RUN_LIMIT_S)
            took_s, cpu_s = time.perf_counter() - started, child.cpu_s() - cpu_before_s
            held_mb = child.resident_mb()
            time.sleep(contender.last_acks_s)
            if ours:
                _check_metrics(health_port, count, one_in)
        _check(queues, source, target, count, contender.name, one_in=one_in)
    return WorkerFigures(count / took_s, cpu_s, cpu_s * 1_000_000 / count, held_mb)


def _check(queues: Queues, source: str, target: str, count: int, name: str, *, one_in: int) -> None:
    if left := queues.ready(source):
        numbers = [int(number) for _, body in queues.take_all(source) for number in _numbers(body)]
        raise ContenderError(f"{name}: {left} messages were not acknowledged, among them {numbers[:10]}")
    found = sorted(int(number) for _, body in queues.take_all(target) for number in _numbers(body))
    if found != job.invoices(count, one_in):
        raise ContenderError(f"{name}: {len(found)} events for {count // one_in} invoices, or not once each")
    if name == OURS_KEPT:
        ids = sorted(id_ or "" for id_, _ in queues.take_all(SKIPPED))
        skipped = (number for number in range(1, count + 1) if number % one_in)
        if ids != sorted(derived_id(job.message_id(number), "event.skipped") for number in skipped):
            raise ContenderError(f"{name}: {len(ids)} skips, or not once each")


def _numbers(body: bytes) -> list[bytes]:
    """Every peer wraps the event in its own envelope; the number is in all of them once."""
    return re.findall(rb'"(?:number|file_id)": ?(\d+)', body)


def _check_metrics(port: int, count: int, one_in: int) -> None:
    """Where nobody has bound `event.skipped`, the product's own counters say that each skip was confirmed."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        page = answer.read().decode()
    settled = {
        k: int(float(v)) for k, v in re.findall(r'settled_total\{code="[\w-]*",outcome="(\w+)"\} (\S+)', page)
    }
    invoices = len(job.invoices(count, one_in))
    wanted = {"forward": invoices, "skip": count - invoices}
    if settled != {outcome: number for outcome, number in wanted.items() if number}:
        raise ContenderError(f"settled: {settled}")


def _wait_for_fill(queues: Queues, source: str, count: int) -> None:
    deadline = time.monotonic() + 30
    while (waiting := queues.ready(source)) != count:
        if time.monotonic() > deadline:
            raise ContenderError(f"{waiting} messages wait instead of {count}")
        time.sleep(0.1)


def _until(reached: Callable[[], bool], child: Child, limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not reached():
        child.check()
        if time.monotonic() > deadline:
            raise child.failed(f"not there in {limit_s:.0f} s")
        time.sleep(LOOK_EVERY_S)
