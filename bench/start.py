"""`python -m bench.start`: how long each worker takes to be ready for work, and its memory then.

The broker runs and has the product's queues. A worker behind the ingress is ready once the broker counts it as a
consumer, the ingress once it answers at the webhook's address. Memory is what the kernel holds resident for the
process a little later: code that it shares with other processes counts in full, and "own" is what it shares with
nobody.
"""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from bench import product
from bench.child import Child, ContenderError
from bench.databases import postgres_url
from bench.part import ground, options
from bench.pipeline import WORKERS, portal
from bench.proc import own_mb, resident_mb
from bench.queues import OURS, Queues, fill
from bench.report import cell, markdown, save, section
from demo.ports import free_port

LOOK_EVERY_S = 0.002
LIMIT_S = 60.0
TARGET_S, TARGET_MB = 1.0, 60.0


@dataclass(frozen=True, slots=True)
class StartFigures:
    start_s: float
    resident_mb: float
    own_mb: float


def main() -> int:
    parser = options("start", __doc__)
    parser.add_argument("--runs", type=int, default=5, help="starts of each (default 5)")
    parser.add_argument("--postgres", action="store_true", help="the ledger is in PostgreSQL, not in SQLite")
    parser.add_argument("--settle", type=float, default=2, help="seconds until its memory is read (default 2)")
    arguments = parser.parse_args()
    with ground(arguments) as here, contextlib.ExitStack() as stack:
        fill(here.url, OURS, [])
        queues = Queues(here.url)
        more = {"DATABASE_URL": stack.enter_context(postgres_url())} if arguments.postgres else {}
        settings, _ = stack.enter_context(portal(here.url, here.logs, more=more))
        names = ("ingress", *WORKERS)
        runs: dict[str, list[StartFigures]] = {name: [] for name in names}
        for _ in range(arguments.runs):
            for name in names:
                runs[name].append(_start(name, settings, queues, here.logs, arguments.settle))
    ledger = "PostgreSQL" if arguments.postgres else "SQLite"
    save("start", section(runs, here.machine, ledger=ledger), arguments.results)
    print(f"start, ledger in {ledger}, median of {arguments.runs} (range)\n")
    print(_table(runs), flush=True)
    return 0


def _start(name: str, settings: Mapping[str, str], queues: Queues, logs: Path, settle_s: float) -> StartFigures:
    environ = {**settings, "HEALTH_PORT": str(free_port())}
    began = time.perf_counter()
    with Child(product.module(name), environ, logs / f"{name}.log") as child:
        while not _ready(name, settings, queues):
            child.check()
            if time.perf_counter() - began > LIMIT_S:
                raise ContenderError(f"{name} was not ready in {LIMIT_S:.0f} s\n{child.log()[-2000:]}")
            time.sleep(LOOK_EVERY_S)
        start_s = time.perf_counter() - began
        time.sleep(settle_s)  # it looks at the portal, the ledger, the mail server
        figures = StartFigures(start_s, resident_mb(child.pid), own_mb(child.pid))
    while name in WORKERS and queues.consumers(name):
        time.sleep(LOOK_EVERY_S)
    return figures


def _ready(name: str, settings: Mapping[str, str], queues: Queues) -> bool:
    if name in WORKERS:
        return queues.consumers(name) > 0
    try:
        return requests.get(f"http://127.0.0.1:{settings['INGRESS_PORT']}/docspace/webhook", timeout=5).ok
    except requests.RequestException:
        return False


def _table(runs: Mapping[str, list[StartFigures]]) -> str:
    header = ["worker", f"ready after s (target < {TARGET_S:g})", f"resident MB (target < {TARGET_MB:g})", "own MB"]
    rows = (
        [
            name,
            cell([run.start_s for run in each], 2),
            cell([run.resident_mb for run in each], 1),
            cell([run.own_mb for run in each], 1),
        ]
        for name, each in runs.items()
    )
    return markdown(header, rows)


if __name__ == "__main__":
    raise SystemExit(main())
