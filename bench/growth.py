"""`python -m bench.growth`: whether a worker and the ledger are as fast with much behind them as with little.

Both are measured in one run, and the ratio is what counts. Exits with 1 if a message or a claim went astray.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence

from bench import growth_ledger, growth_worker
from bench.databases import postgres_url
from bench.part import ground, options
from bench.report import cell, markdown, save, section
from shared.process.logs import configure_logs

TARGET = 0.9
LEDGERS = ("sqlite", "postgresql")


def main() -> int:
    parser = options("growth", __doc__)
    parser.add_argument("--part", choices=("worker", "ledger"), help="one half of it")
    parser.add_argument("--messages", type=int, default=1_000_000, help="that wait (default 1,000,000)")
    parser.add_argument("--few-messages", type=int, default=20_000, help="beside so many (default 20,000)")
    parser.add_argument("--rows", type=int, default=5_000_000, help="in the ledger (default 5,000,000)")
    parser.add_argument("--few-rows", type=int, default=5_000, help="beside so many (default 5,000)")
    parser.add_argument("--claims", type=int, default=2_000, help="of each round (default 2,000)")
    parser.add_argument("--rounds", type=int, default=20, help="of each (default 20)")
    parser.add_argument("--ledger", choices=LEDGERS, help="one of the two databases")
    arguments = parser.parse_args()
    if arguments.few_messages < growth_worker.LEAST or arguments.messages < growth_worker.LEAST * arguments.rounds:
        parser.error(f"fewer than {growth_worker.LEAST} messages a round cannot be timed")
    configure_logs("bench", level="warning", log_format=None)  # each filling connects anew, and would say so
    with ground(arguments) as here:
        found = {} if arguments.part == "ledger" else {"worker, messages/s": _worker(here.url, arguments)}
    if arguments.part != "worker":
        found |= _ledgers(arguments)
    save("growth", section({}, here.machine, **_settings(arguments)) | {"rounds": found}, arguments.results)
    print(f"\ngrowth, median of {arguments.rounds} rounds (range)\n")
    print(_table(found), flush=True)
    return 0


def _worker(url: str, arguments: argparse.Namespace) -> tuple[list[float], list[float]]:
    few, many, rounds = arguments.few_messages, arguments.messages, arguments.rounds
    before = growth_worker.few(url, few, rounds - rounds // 2)
    print(f"  few waiting: {cell(before, 0)}/s", flush=True)
    with_many = growth_worker.many(url, few, many, rounds)
    print(f"  {many:,} waiting: {cell(with_many, 0)}/s", flush=True)
    after = growth_worker.few(url, few, rounds // 2) if rounds > 1 else []
    return before + after, with_many


def _ledgers(arguments: argparse.Namespace) -> dict[str, tuple[list[float], list[float]]]:
    found = {}
    counts = (arguments.few_rows, arguments.rows)
    if arguments.ledger != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            urls = [f"sqlite:///{folder}/{name}.db" for name in ("few", "many")]
            found["ledger in SQLite, claims/s"] = growth_ledger.measure(
                urls, counts, arguments.claims, arguments.rounds
            )
    if arguments.ledger != "sqlite":
        with postgres_url() as url:
            urls = [growth_ledger.new_database(url, name) for name in ("few", "many")]
            found["ledger in PostgreSQL, claims/s"] = growth_ledger.measure(
                urls, counts, arguments.claims, arguments.rounds
            )
    return found


def _settings(arguments: argparse.Namespace) -> dict[str, int]:
    return {name: value for name, value in vars(arguments).items() if isinstance(value, int)}


def _table(found: dict[str, tuple[list[float], list[float]]]) -> str:
    rows = ([what, cell(few, 0), cell(many, 0), f"{_ratio(few, many):.2f}"] for what, (few, many) in found.items())
    return markdown(["", "with few", "with many", f"ratio (target {TARGET:g})"], rows)


def _ratio(few: Sequence[float], many: Sequence[float]) -> float:
    return statistics.median(many) / statistics.median(few)


if __name__ == "__main__":
    raise SystemExit(main())
