"""`python -m bench.mover`: a burst of invoices on the mover's queue, with a portal that takes 300 ms to answer.

The calls, the moves and how many calls were at the portal at once are by the simulated portal's own record. Exits
with 1 unless every invoice was moved once and stated as filed once.
"""

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bench.child import Child
from bench.machine import summary
from bench.queues import OURS, Queues, fill
from demo.broker import Cluster
from demo.ports import free_ports
from shared.amqp.presence import PROBE_EVERY_S
from shared.events import InvoiceDetected, InvoiceFiled, decode, encode
from shared.message import Message, Publication, derived_id
from shared.settle import EXCHANGE

ROOM, INCOMING = 86190, 748239
FILED = "bench.filed"
SHARED_S = 2 * PROBE_EVERY_S + 0.5
"""Then each mover was told twice how many they are, and has its share of the portal."""
STALLED_S = 150.0
"""Nothing new for so long and nothing more will come."""


@dataclass(frozen=True, slots=True)
class Figures:
    per_s: float
    reads: float
    """Calls an invoice."""
    writes: float
    reads_at_once: int
    writes_at_once: int
    mover_cpu_ms: float
    """An invoice."""
    portal_cpu_share: float
    """Of one core: near 1, the portal is the limit."""
    memory_mb: float
    """Of the largest mover, at its most."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.mover", description=__doc__)
    parser.add_argument("--invoices", type=int, default=1000, help="in the burst (default 1,000)")
    parser.add_argument("--latency-ms", type=int, default=300, help="of each of the portal's answers (default 300)")
    parser.add_argument("--movers", type=int, nargs="+", default=[1, 4], help="processes, by turns (default 1 4)")
    parser.add_argument("--runs", type=int, default=3, help="of each (default 3)")
    parser.add_argument("--concurrency", type=int, default=0, help="WORKER_CONCURRENCY (default: the mover's)")
    arguments = parser.parse_args()
    print(summary(), flush=True)
    runs: dict[int, list[Figures]] = {count: [] for count in arguments.movers}
    with Cluster(1, plugins=()) as cluster:
        for _ in range(arguments.runs):
            for count in arguments.movers:
                figures = _run(cluster.nodes[0].amqp_url, count, arguments)
                runs[count].append(figures)
                print(f"  {count} mover(s): {_line(figures)}", flush=True)
    print(f"\n{arguments.invoices:,} invoices at {arguments.latency_ms} ms, median of {arguments.runs}:")
    for count, each in runs.items():
        print(f"  {count} mover(s): {_line(_median(each))}")
    return 0


def _run(amqp_url: str, movers: int, arguments: argparse.Namespace) -> Figures:
    queues = Queues(amqp_url)
    queues.reset()
    with contextlib.closing(queues), _processes(amqp_url, movers, arguments) as (portal, simulator, workers):
        queues.bind(FILED, EXCHANGE, InvoiceFiled.routing_key)
        ids = _upload(portal, arguments.invoices)
        before = _calls(portal)
        cpu_s = [worker.cpu_s() for worker in workers]
        portal_cpu_s = simulator.cpu_s()
        started = time.monotonic()
        fill(amqp_url, OURS, [_detected(file_id) for file_id in ids])
        took_s = _wait(queues, len(ids), started, workers)
        cpu_s = [worker.cpu_s() - was for worker, was in zip(workers, cpu_s, strict=True)]
        portal_cpu_s = simulator.cpu_s() - portal_cpu_s
        state = requests.get(f"{portal}/simulator/state", timeout=60).json()
        moves = Counter(move["file_id"] for move in state["moves"])
        filed = Counter(decode(body, InvoiceFiled).file_id for _, body in queues.take_all(FILED))
        expected = Counter(dict.fromkeys(ids, 1))
        if moves != expected or filed != expected:
            raise workers[0].failed(
                f"not each moved and filed once: {len(ids)} invoices, {moves.total()} moves of {len(moves)}, "
                f"{filed.total()} filed of {len(filed)}"
            )
        calls = state["calls"]
        return Figures(
            per_s=len(ids) / took_s,
            reads=(calls["reads"]["total"] - before["reads"]["total"]) / len(ids),
            writes=(calls["writes"]["total"] - before["writes"]["total"]) / len(ids),
            reads_at_once=calls["reads"]["most_at_once"],
            writes_at_once=calls["writes"]["most_at_once"],
            mover_cpu_ms=sum(cpu_s) / len(ids) * 1000,
            portal_cpu_share=portal_cpu_s / took_s,
            memory_mb=max(worker.peak_memory_mb() for worker in workers),
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
                [sys.executable, "-m", "simulator"],
                {
                    "SIMULATOR_PORT": str(portal_port),
                    "SIMULATOR_SMTP_PORT": str(smtp_port),
                    "SIMULATOR_WEBHOOK_URL": "",
                    "SIMULATOR_LATENCY_MS": str(arguments.latency_ms),
                },
                Path(folder) / "simulator.log",
            )
        )
        _until_ok(f"{portal}/healthz", simulator)
        settings = {
            "AMQP_URL": amqp_url,
            "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
            "DOCSPACE_API_HOST": portal,
            "DOCSPACE_API_KEY": "sk-simulator",
            "CLIENT_ROOM_ID": str(ROOM),
            "INCOMING_FOLDER_ID": str(INCOMING),
            "MANAGER_EMAIL": "manager@example.com",
        }
        if arguments.concurrency:
            settings["WORKER_CONCURRENCY"] = str(arguments.concurrency)
        workers = [
            running.enter_context(
                Child(
                    [sys.executable, "-m", "mover"],
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


def _upload(portal: str, count: int) -> list[int]:
    def one(number: int) -> int:
        query = {"folder": str(ROOM), "name": f"Invoice {number:05d}.pdf"}
        answer = requests.post(f"{portal}/simulator/upload", params=query, data=b"%PDF-1.7 sample", timeout=30)
        answer.raise_for_status()
        file_id: int = answer.json()["id"]
        return file_id

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, range(count)))


def _detected(file_id: int) -> Publication:
    event = InvoiceDetected(
        file_id=file_id,
        title=f"Invoice {file_id}.pdf",
        rule="default",
        destination=INCOMING,
        recipients=("manager@example.com",),
        version=1,
        room_id=ROOM,
        folder_id=ROOM,
    )
    message = Message(
        body=encode(event),
        type=event.routing_key,
        message_id=derived_id("bench.mover", file_id),
        correlation_id=derived_id("upload", file_id),
        timestamp=int(time.time()),
    )
    return Publication(exchange=EXCHANGE, routing_key=event.routing_key, message=message, mandatory=True)


def _calls(portal: str) -> Any:
    return requests.get(f"{portal}/simulator/state", params={"limit": 0}, timeout=60).json()["calls"]


def _wait(queues: Queues, count: int, started: float, workers: list[Child]) -> float:
    """Seconds until so many were filed."""
    filed, risen_at = 0, time.monotonic()
    while filed < count:
        if time.monotonic() - risen_at > STALLED_S:
            raise workers[0].failed(f"{filed} of {count} were filed, and nothing for {STALLED_S:.0f} s")
        for worker in workers:
            worker.check()
        time.sleep(0.05)
        now = queues.ready(FILED)
        if now > filed:
            filed, risen_at = now, time.monotonic()
    return risen_at - started


def _median(runs: list[Figures]) -> Figures:
    return Figures(
        **{name: statistics.median(getattr(run, name) for run in runs) for name in Figures.__dataclass_fields__}
    )


def _line(figures: Figures) -> str:
    return (
        f"{figures.per_s:,.0f} invoices/s, {figures.reads:.3f} reads and {figures.writes:.3f} writes an invoice, "
        f"at most {figures.reads_at_once:.0f} reads and {figures.writes_at_once:.0f} writes at once; "
        f"mover CPU {figures.mover_cpu_ms:.1f} ms an invoice, {figures.memory_mb:.0f} MB; "
        f"portal CPU {figures.portal_cpu_share:.2f} of a core"
    )


if __name__ == "__main__":
    raise SystemExit(main())
