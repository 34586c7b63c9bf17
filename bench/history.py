"""`python -m bench.history`: what pages and commands take with a long history, and what it costs the classifier.

Exits with 1 unless 95 of 100 answers to each question come within 200 ms on both databases, and the ratio of the
classifier's rate with history and web console to that without is not surely below 0.95.
"""

import argparse
import dataclasses
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from bench import history_cost, history_find, history_uploads
from bench.databases import postgres_url
from bench.growth_ledger import new_database
from bench.history_cost import WITH, WITHOUT
from bench.history_find import Took
from bench.part import ground, options
from bench.ratios import Compared, compared, outside
from bench.report import markdown, save, section
from shared.process.logs import configure_logs
from shared.store.history.tables import Database

LEAST_RATIO = 0.95
DATABASES = ("sqlite", "postgresql")


def main() -> int:
    parser = options("history", __doc__)
    parser.add_argument("--part", choices=("find", "cost"), help="one half of it")
    parser.add_argument("--uploads", type=int, default=1_000_000, help="in the history (default 1,000,000)")
    parser.add_argument("--asked", type=int, default=40, help="times each question is asked (default 40)")
    parser.add_argument("--limit", type=float, default=200, help="ms, for 95 of 100 answers (default 200)")
    parser.add_argument("--database", choices=DATABASES, help="one of the two")
    parser.add_argument("--url", help="with --database: where its history is, or is made and stays")
    parser.add_argument("--runs", type=int, default=9, help="alternating runs of the classifier (default 9)")
    parser.add_argument("--messages", type=int, default=20_000, help="messages a run (default 20,000)")
    arguments = parser.parse_args()
    if arguments.messages % 4:
        parser.error("--messages must be a multiple of 4")
    configure_logs("bench", level="warning", log_format=None)
    good = True
    found: dict[str, object] = {}
    with ground(arguments) as here:
        if arguments.part != "cost":
            took = {kind: _find(kind, arguments) for kind in DATABASES if arguments.database in (None, kind)}
            found["find"] = {kind: _plain(each) for kind, each in took.items()}
            print(_table(took, arguments), flush=True)
            good &= all(each.p95_ms <= arguments.limit for of_one in took.values() for each in of_one.values())
        if arguments.part != "find":
            found["cost"] = per_s = _cost(here.url, arguments.runs, arguments.messages)
            ratio = compared(per_s[WITHOUT], per_s[WITH], more_is_better=True)
            print(_said(ratio, arguments.runs), flush=True)
            good &= outside(arguments.runs) is None or ratio.high >= LEAST_RATIO
    settings = {"uploads": arguments.uploads, "asked": arguments.asked, "messages": arguments.messages}
    save("history", section({}, here.machine, **settings) | found, arguments.results)
    print("as it must be" if good else "NOT as it must be", flush=True)
    return 0 if good else 1


def _find(kind: str, arguments: argparse.Namespace) -> dict[str, Took]:
    with _database(kind, arguments.url) as url:
        with closing(Database(url)) as database:
            there = database.has_history()
        if not there:
            print(f"building {arguments.uploads:,} uploads in {kind}", flush=True)
            began = time.monotonic()
            history_uploads.build(url, arguments.uploads)
            print(f"built in {time.monotonic() - began:.0f} s", flush=True)
        took = history_find.measure(url, arguments.uploads, arguments.asked)
        print(f"{kind} measured (load average {os.getloadavg()[0]:.1f})", flush=True)
        return took


@contextmanager
def _database(kind: str, url: str | None) -> Iterator[str]:
    with ExitStack() as stack:
        if url:
            yield url
        elif kind == "sqlite":
            yield f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/ledger.db"
        else:
            yield new_database(stack.enter_context(postgres_url()), "history")


def _table(took: dict[str, dict[str, Took]], arguments: argparse.Namespace) -> str:
    rows = [
        [question, *(cell for each in took.values() for cell in _cells(each[question]))]
        for question in next(iter(took.values()))
    ]
    header = ["ms", *(name for kind in took for name in (f"{kind} p50", "p95", "longest"))]
    return f"\n{arguments.uploads:,} uploads, each question {arguments.asked} times\n\n{markdown(header, rows)}\n"


def _cells(took: Took) -> tuple[str, ...]:
    return tuple(f"{ms:,.0f}" for ms in (took.median_ms, took.p95_ms, took.longest_ms))


def _plain(took: dict[str, Took]) -> dict[str, dict[str, float]]:
    return {question: dataclasses.asdict(each) for question, each in took.items()}


def _cost(url: str, runs: int, messages: int) -> dict[str, list[float]]:
    per_s: dict[str, list[float]] = {WITHOUT: [], WITH: []}
    for number in range(1, runs + 1):
        for mode, so_far in per_s.items():
            figures = history_cost.run(url, mode, messages)
            so_far.append(figures.per_s)
            load = os.getloadavg()[0]
            print(f"  run {number}, {mode}: {figures.per_s:,.0f}/s (load average {load:.1f})", flush=True)
    return per_s


def _said(found: Compared, runs: int) -> str:
    beyond = outside(runs)
    which = "the range" if beyond is None else f"from number {beyond + 1} to {runs - beyond} of {runs}"
    rates = f"{found.before:,.0f}/s alone, {found.after:,.0f}/s with history and web"
    return f"\nclassifier: {rates}; ratio {found.ratio:.2f} ({found.low:.2f} to {found.high:.2f}, {which})\n"


if __name__ == "__main__":
    raise SystemExit(main())
