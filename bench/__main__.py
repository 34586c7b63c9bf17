"""`python -m bench`: this product and its peers by turns, on one machine, against one RabbitMQ.

Absolute figures depend on the machine and on what else it does; the ratios say more.
"""

import argparse
import contextlib
import functools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import ingress, worker
from bench.child import PEER
from bench.contenders import OURS_KEPT, WORKERS, Worker, has_express, servers
from bench.job import ONE_IN
from bench.machine import machine
from bench.queues import Queues
from bench.report import INGRESS_COLUMNS, RESULTS, WORKER_COLUMNS, about, save, section, table
from demo.broker import Cluster

EXPRESS = "Express, amqplib"
JOBS = {"one in four": ONE_IN, "every message": 1}
"""The issue's job, in which the peers publish for an invoice alone; and an equal one. Ours always publishes."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--broker", help="AMQP URL instead of a private node; THE QUEUES USED ON IT ARE DELETED")
    parser.add_argument("--only", choices=("worker", "ingress"), help="one half of it")
    parser.add_argument("--runs", type=int, default=5, help="alternating runs of each (default 5)")
    parser.add_argument("--messages", type=int, default=20_000, help="messages a worker run (default 20,000)")
    parser.add_argument("--seconds", type=float, default=5, help="each of an ingress run's two loads (default 5)")
    parser.add_argument(
        "--contender", action="append", help="only those whose name contains this, and ours; may be repeated"
    )
    parser.add_argument("--ours", action="store_true", help="ours alone; the peers need not be installed")
    parser.add_argument(
        "--job", choices=tuple(JOBS), help="the worker's: an event for one message in four, or for each"
    )
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--prefetch", type=int, default=0, help="ours; default: as the product sets it")
    arguments = parser.parse_args()
    if arguments.messages % 4:
        parser.error("--messages must be a multiple of 4")
    if not (arguments.ours or Path(PEER).exists()):
        parser.error("the peers are not installed: run `make bench`, or --ours")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that broker and contender end with us
    with contextlib.ExitStack() as stack:
        url = arguments.broker or stack.enter_context(Cluster(1, plugins=())).nodes[0].amqp_url
        found_machine = machine(Queues(url).broker)
        print(about(found_machine), "\n", flush=True)
        if arguments.only != "ingress":
            _worker(url, found_machine, arguments)
        if arguments.only != "worker":
            _ingress(url, found_machine, arguments)
    if arguments.ours:
        print(f"written: {arguments.results}")
        return 0
    subprocess.run([PEER, "bench/plot.py", arguments.results], check=True)
    print(f"written: {arguments.results} and its .svg")
    return 0


def _worker(url: str, found_machine: dict[str, Any], arguments: argparse.Namespace) -> None:
    by_name = {each.name: each for each in WORKERS}
    sections = {}
    for job, one_in in JOBS.items():
        if arguments.job not in {None, job}:
            continue
        names = [name for name in by_name if name != OURS_KEPT or one_in > 1]  # without skips none are kept
        measure = functools.partial(_worker_run, url, by_name, arguments, one_in)
        runs = _by_turns(_chosen(names, arguments), arguments.runs, measure)
        found = section(
            runs, found_machine, messages=arguments.messages, one_in=one_in, prefetch=arguments.prefetch
        )
        save("worker" if one_in > 1 else "worker, every message", found, arguments.results)
        sections[f"{job}: "] = found
    print(f"\nworker, {arguments.messages:,} messages, median of {arguments.runs} (range)\n")
    print(table(sections, WORKER_COLUMNS), "\n", flush=True)


def _worker_run(
    url: str, by_name: dict[str, Worker], arguments: argparse.Namespace, one_in: int, name: str
) -> worker.WorkerFigures:
    return worker.run(url, by_name[name], arguments.messages, arguments.prefetch, one_in)


def _ingress(url: str, found_machine: dict[str, Any], arguments: argparse.Namespace) -> None:
    names = [each.name for each in servers((0, 0), "")]
    if not (arguments.ours or has_express()):
        print("Not measured: Express with amqplib, for want of node and npm.")
        names.remove(EXPRESS)
    runs = _by_turns(
        _chosen(names, arguments),
        arguments.runs,
        lambda name: ingress.run(url, name, arguments.seconds),
    )
    found = section(runs, found_machine, seconds=arguments.seconds, connections=ingress.CONNECTIONS)
    save("ingress", found, arguments.results)
    print(f"\ningress, {ingress.CONNECTIONS} connections, median of {arguments.runs} (range)\n")
    print(table({"": found}, INGRESS_COLUMNS), "\n", flush=True)


def _by_turns(names: list[str], runs: int, measure: Callable[[str], Any]) -> dict[str, list[Any]]:
    """One run of each, then the next: what else the machine does meets all of them."""
    figures: dict[str, list[Any]] = {name: [] for name in names}
    for number in range(1, runs + 1):
        for name in names:
            figures[name].append(measure(name))
            load = os.getloadavg()[0]
            print(
                f"  run {number}, {name}: {figures[name][-1].per_s:,.0f}/s  (load average {load:.1f})", flush=True
            )
    return figures


def _chosen(names: list[str], arguments: argparse.Namespace) -> list[str]:
    """Ours, and those whose name contains one of the parts asked for; all without any."""
    if arguments.ours:
        return names[:1]
    wanted = [part.lower() for part in arguments.contender or [""]]
    return [name for name in names if name == names[0] or any(part in name.lower() for part in wanted)]


if __name__ == "__main__":
    raise SystemExit(main())
