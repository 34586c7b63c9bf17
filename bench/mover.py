"""`python -m bench.mover`: a burst of invoices on the mover's queue, each announced twice, as a portal does.

The portal takes 300 ms for each answer, or with `--latencies seen` as long as a real server took. What it was asked
and what it moved is by its own record, and when an invoice was stated as filed by the broker's delivery, so nothing
that is measured tells its own time. Exits with 1 unless every invoice was moved once and stated as filed once.
"""

import argparse
import contextlib
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bench import detected, portal_pace, product
from bench.asked import after_the_last, asked
from bench.child import Child
from bench.part import ground, options
from bench.pipeline import INCOMING, ROOM
from bench.queues import OURS, Queues, fill
from bench.report import epoch, p, save, section
from bench.seen import Delivery, Seen
from demo.ports import free_ports
from shared.amqp.presence import PROBE_EVERY_S
from shared.wire.events import InvoiceFiled, decode

SHARED_S = 2 * PROBE_EVERY_S + 0.5
"""Then each mover was told twice how many they are, and has its share of the portal."""
STALLED_S = 150.0
"""Nothing new for so long and nothing more will come."""
LAST_CALLS_S = 60.0
"""So long at most for what the movers still ask after the last invoice was filed: it counts too."""


@dataclass(frozen=True, slots=True)
class Figures:
    per_s: float
    filed_p50_s: float
    """From the event's publication to the broker's delivery of the statement that it is filed."""
    filed_p95_s: float
    after_p50_s: float
    """Of that, from the moment at which the file lay in its place."""
    after_max_s: float
    reads: float
    """Calls an invoice."""
    writes: float
    requests_s: float
    """Of the portal's work an invoice, for its answers."""
    operations_s: float
    """And for the moves themselves."""
    busy_s: float
    """Both."""
    reads_at_once: int
    writes_at_once: int
    mover_cpu_ms: float
    """An invoice."""
    portal_cpu_share: float
    """Of one core: near 1, the portal is the limit."""
    memory_mb: float
    """Of the largest mover, at its most."""


def main() -> int:
    parser = options("mover", __doc__)
    parser.add_argument("--invoices", type=int, default=1000, help="in the burst (default 1,000)")
    parser.add_argument("--events", type=int, default=2, help="messages for each (default 2, as of a portal)")
    portal_pace.add_options(parser, latency_ms=300)
    parser.add_argument("--movers", type=int, nargs="+", default=[1, 4], help="processes, by turns (default 1 4)")
    parser.add_argument("--runs", type=int, default=3, help="of each (default 3)")
    parser.add_argument("--concurrency", type=int, default=0, help="WORKER_CONCURRENCY (default: the mover's)")
    arguments = parser.parse_args()
    runs: dict[str, list[Figures]] = {f"{count} mover(s)": [] for count in arguments.movers}
    with ground(arguments) as here:
        for _ in range(arguments.runs):
            for count, (name, found) in zip(arguments.movers, runs.items(), strict=True):
                found.append(_run(here.url, count, arguments))
                print(f"  {name}: {_line(found[-1])}", flush=True)
    save("mover", section(runs, here.machine, portal=portal_pace.said(arguments)), arguments.results)
    print(f"\n{arguments.invoices:,} invoices, {portal_pace.said(arguments)}, median of {arguments.runs}:")
    for name, each in runs.items():
        print(f"  {name}: {_line(_median(each))}")
    return 0


def _run(amqp_url: str, movers: int, arguments: argparse.Namespace) -> Figures:
    queues = Queues(amqp_url)
    queues.reset()
    with contextlib.closing(queues), _processes(amqp_url, movers, arguments) as (portal, simulator, workers):
        ids = detected.upload(portal, range(arguments.invoices))
        files = detected.files_in_room(portal)
        events = list(detected.events([files[file_id] for file_id in ids], arguments.events))
        before = asked(portal)
        cpu_s = [worker.cpu_s() for worker in workers]
        portal_cpu_s = simulator.cpu_s()
        with Seen(amqp_url, InvoiceFiled.routing_key) as seen:
            began = fill(amqp_url, OURS, events)
            _wait(seen, len(ids), workers)
            took_s = seen.all()[-1].at - began
            cpu_s = [worker.cpu_s() - was for worker, was in zip(workers, cpu_s, strict=True)]
            portal_cpu_s = simulator.cpu_s() - portal_cpu_s
            cost = after_the_last(portal, LAST_CALLS_S).since(before).for_one_of(len(ids))
            filed = seen.all()
        state = requests.get(f"{portal}/simulator/state", timeout=60).json()
        _check(ids, state["moves"], filed, workers[0])
        filed_s = [each.at - began for each in filed]
        after_s = delays(state["moves"], filed)
        calls = state["calls"]
        return Figures(
            per_s=len(ids) / took_s,
            filed_p50_s=p(0.5, filed_s),
            filed_p95_s=p(0.95, filed_s),
            after_p50_s=p(0.5, after_s),
            after_max_s=max(after_s),
            reads=cost.reads,
            writes=cost.writes,
            requests_s=cost.requests_s,
            operations_s=cost.operations_s,
            busy_s=cost.busy_s,
            reads_at_once=calls["reads"]["most_at_once"],
            writes_at_once=calls["writes"]["most_at_once"],
            mover_cpu_ms=sum(cpu_s) / len(ids) * 1000,
            portal_cpu_share=portal_cpu_s / took_s,
            memory_mb=max(worker.peak_memory_mb() for worker in workers),
        )


def delays(moves: Sequence[Any], filed: Sequence[Delivery]) -> list[float]:
    """Seconds from when each file lay in its place, as the portal records it, to the broker's delivery."""
    placed = {move["new_file_id"]: epoch(move["at"]) for move in moves}
    return [each.at - placed[decode(each.body, InvoiceFiled).file_id] for each in filed]


def _check(ids: Sequence[int], moves: Sequence[Any], filed: Sequence[Delivery], worker: Child) -> None:
    moved = Counter(move["file_id"] for move in moves)
    stated = Counter(decode(each.body, InvoiceFiled).file_id for each in filed)
    expected = Counter(dict.fromkeys(ids, 1))
    if moved != expected or stated != expected:
        raise worker.failed(
            f"not each moved and filed once: {len(ids)} invoices, {moved.total()} moves of {len(moved)}, "
            f"{stated.total()} filed of {len(stated)}"
        )


@contextlib.contextmanager
def _processes(
    amqp_url: str, movers: int, arguments: argparse.Namespace
) -> Iterator[tuple[str, Child, list[Child]]]:
    """The portal's address, the portal, and the movers, ready."""
    portal_port, smtp_port, *health_ports = free_ports(2 + movers)
    portal = f"http://127.0.0.1:{portal_port}"
    with contextlib.ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        simulator = running.enter_context(
            Child(
                product.module("simulator"),
                {
                    "SIMULATOR_PORT": str(portal_port),
                    "SIMULATOR_SMTP_PORT": str(smtp_port),
                    "SIMULATOR_WEBHOOK_URL": "",
                    **portal_pace.settings(arguments),
                },
                Path(folder) / "simulator.log",
                place=product.ROOT,
            )
        )
        _until_ok(f"{portal}/healthz", simulator)
        settings = {
            "AMQP_URL": amqp_url,
            "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
            "DOCSPACE_API_HOST": portal,
            "DOCSPACE_API_KEY": detected.API_KEY,
            "CLIENT_ROOM_ID": str(ROOM),
            "INCOMING_FOLDER_ID": str(INCOMING),
            "MANAGER_EMAIL": "manager@example.com",
        }
        if arguments.concurrency:
            settings["WORKER_CONCURRENCY"] = str(arguments.concurrency)
        workers = [
            running.enter_context(
                Child(
                    product.module("mover"),
                    settings | {"HEALTH_PORT": str(port)},
                    Path(folder) / f"mover-{port}.log",
                )
            )
            for port in health_ports
        ]
        for worker, port in zip(workers, health_ports, strict=True):
            _until_ok(f"http://127.0.0.1:{port}/readyz", worker)
        time.sleep(SHARED_S)
        yield portal, simulator, workers


def _until_ok(url: str, child: Child, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        child.check()
        with contextlib.suppress(requests.RequestException):
            if requests.get(url, timeout=5).ok:
                return
        time.sleep(0.05)
    raise child.failed(f"{url} was not 200 in {timeout_s:.0f} s")


def _wait(seen: Seen, count: int, workers: list[Child]) -> None:
    """Until so many were filed."""
    filed, risen_at = 0, time.monotonic()
    while filed < count:
        if time.monotonic() - risen_at > STALLED_S:
            raise workers[0].failed(f"{filed} of {count} were filed, and nothing for {STALLED_S:.0f} s")
        for worker in workers:
            worker.check()
        time.sleep(0.05)
        if len(seen) > filed:
            filed, risen_at = len(seen), time.monotonic()


def _median(runs: list[Figures]) -> Figures:
    return Figures(
        **{name: statistics.median(getattr(run, name) for run in runs) for name in Figures.__dataclass_fields__}
    )


def _line(figures: Figures) -> str:
    return (
        f"{figures.per_s:,.1f} invoices/s, filed after {figures.filed_p50_s:.2f} s, p95 {figures.filed_p95_s:.2f}, "
        f"{figures.after_p50_s:.2f} s (at most {figures.after_max_s:.2f}) after it lay in its place; "
        f"{figures.reads:.3f} reads and {figures.writes:.3f} writes an invoice, "
        f"the portal at work for {figures.requests_s:.3f} s on requests and {figures.operations_s:.3f} s on moves, "
        f"at most {figures.reads_at_once:.0f} reads and {figures.writes_at_once:.0f} writes at once; "
        f"mover CPU {figures.mover_cpu_ms:.1f} ms an invoice, {figures.memory_mb:.0f} MB; "
        f"portal CPU {figures.portal_cpu_share:.2f} of a core"
    )


if __name__ == "__main__":
    raise SystemExit(main())
