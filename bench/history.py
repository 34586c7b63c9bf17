"""`python -m bench.history`: what a question to the history takes, and what keeping it costs the classifier.

Exits with 1 unless 95 of 100 answers to each question come within 200 ms on both databases, and the classifier
with the history is at least 0.9 times as fast as without.
"""

import argparse
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import history_cost, history_find, history_uploads
from bench.history_cost import UNREAD, WITH, WITHOUT
from bench.machine import summary
from demo.broker import Cluster
from shared.store.history.tables import Database
from tests.support.databases import find_postgres, private_database

LIMIT_S = 0.2
LEAST_RATIO = 0.9


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__)
    parser.add_argument("--part", choices=("find", "cost"), help="one half of it")
    parser.add_argument("--uploads", type=int, default=1_000_000, help="in the history (default 1,000,000)")
    parser.add_argument("--runs", type=int, default=7, help="alternating runs of the classifier (default 7)")
    parser.add_argument("--messages", type=int, default=20_000, help="messages a run (default 20,000)")
    arguments = parser.parse_args()
    if arguments.messages % 4:
        parser.error("--messages must be a multiple of 4")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that databases and broker end with us
    print(summary(), flush=True)
    good = True
    if arguments.part != "cost":
        good &= _find(arguments.uploads)
    if arguments.part != "find":
        good &= _cost(arguments.runs, arguments.messages)
    print("as it must be" if good else "NOT as it must be", flush=True)
    return 0 if good else 1


def _find(count: int) -> bool:
    took_s = {}
    for kind in ("SQLite", "PostgreSQL"):
        with _database(kind) as database:
            print(f"building {count:,} uploads on {kind}", flush=True)
            started = time.monotonic()
            history_uploads.build(database, count)
            print(f"built in {time.monotonic() - started:.0f} s  ({_size(database)})", flush=True)
            took_s[kind] = history_find.measure(database, count)
            print(f"measured  (load average {os.getloadavg()[0]:.1f})", flush=True)
    print(f"\n{count:,} uploads of six steps: ms, median / 95th percentile (longest) of {history_find.ASKED}\n")
    print("| | " + " | ".join(took_s) + " |")
    print("|---" * (len(took_s) + 1) + "|")
    for question in took_s["SQLite"]:
        cells = (
            f"{took.median * 1000:,.1f} / {took.p95 * 1000:,.1f} ({took.longest * 1000:,.1f})"
            for took in (each[question] for each in took_s.values())
        )
        print(f"| {question} | " + " | ".join(cells) + " |")
    return all(took.p95 <= LIMIT_S for each in took_s.values() for took in each.values())


@contextmanager
def _database(kind: str) -> Iterator[Database]:
    if kind == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite:///{folder}/ledger.db", writes=True)
            yield database
            database.close()
        return
    programs = find_postgres()
    if programs is None:
        raise SystemExit("PostgreSQL is missing: apt-get install postgresql")
    with private_database(programs) as server:
        database = Database(server.url, writes=True)
        yield database
        database.close()


def _size(database: Database) -> str:
    queries = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        "postgresql": "SELECT pg_database_size(current_database())",
    }
    with database.connection() as connection:
        size = connection.exec_driver_sql(queries[connection.dialect.name]).scalar_one()
    return f"{size / 1e9:.1f} GB"


def _cost(runs: int, messages: int) -> bool:
    modes = (WITHOUT, UNREAD, WITH)
    per_s: dict[str, list[float]] = {mode: [] for mode in modes}
    with Cluster(1, plugins=()) as cluster:
        for number in range(1, runs + 1):
            for mode in modes:
                figures = history_cost.run(cluster.nodes[0].amqp_url, mode, messages)
                per_s[mode].append(figures.per_s)
                said = f"  run {number}, {mode}: {figures.per_s:,.0f}/s"
                if mode == WITH:
                    said += f", the projector {figures.projector_cpu_us:.0f} us of a processor each"
                    said += f", done {figures.behind_s:.1f} s later"
                print(f"{said}  (load average {os.getloadavg()[0]:.1f})", flush=True)
    print(f"\nclassifier, {messages:,} messages, median of {runs} (range), and its ratio run by run\n")
    ratios = {
        mode: [with_ / without for with_, without in zip(per_s[mode], per_s[WITHOUT], strict=True)]
        for mode in modes
    }
    for mode in modes:
        low, high = min(per_s[mode]), max(per_s[mode])
        ratio = statistics.median(ratios[mode])
        print(
            f"  {mode:32} {statistics.median(per_s[mode]):,.0f}/s ({low:,.0f} to {high:,.0f}), "
            f"{ratio:.2f} ({min(ratios[mode]):.2f} to {max(ratios[mode]):.2f})"
        )
    return statistics.median(ratios[WITH]) >= LEAST_RATIO


if __name__ == "__main__":
    raise SystemExit(main())
