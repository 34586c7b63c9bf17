"""The ledger's claims a second with few and with many rows: two databases side by side, a round on each by turns.

Of the claims, every other is new work and wins, and every other is work that was done at any time before. The rows
are put there in bulk, past the ledger, as it leaves them.
"""

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from shared.store.database import engine_for, url_of
from shared.store.keys import move_key
from shared.store.ledger import Done, Ledger, Won
from shared.wire.events import DEFAULT_PORTAL

THREADS = 8
"""A worker's concurrency as installed."""
LEASE_S = 120.0
CREATED = "2026-11-29T20:35:12.163054Z"
BATCH = 250_000
ROW = (
    f"'move:{DEFAULT_PORTAL}:' || n || ':1:{CREATED}', 'mover@host:7', 1, "
    """'{"file_id":' || n || ',"title":"Invoice ' || n || '.pdf","folder_id":748239,"version":1,"moved":true}', """
    "1700000000 + n"
)
NUMBERS = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}) "
    "SELECT {row} FROM s",
    "postgresql": "SELECT {row} FROM generate_series({first}, {last}) AS n",
}
SETTLE = {"sqlite": "PRAGMA wal_checkpoint(TRUNCATE)", "postgresql": "VACUUM ANALYZE ledger"}
"""After the bulk: what it left to do would be done during the rounds."""


def measure(
    urls: Sequence[str], counts: Sequence[int], claims: int, rounds: int
) -> tuple[list[float], list[float]]:
    """Claims a second, round by round, with the first and with the second count of rows."""
    for url, count in zip(urls, counts, strict=True):
        started = time.monotonic()
        _load(url, count)
        print(f"  {count:,} rows loaded in {time.monotonic() - started:,.0f} s", flush=True)
    ledgers = [Ledger(url, owner="bench") for url in urls]
    rates: tuple[list[float], list[float]] = ([], [])
    with ThreadPoolExecutor(THREADS) as threads:
        for number in range(rounds + 1):
            for each, ledger, count in zip(rates, ledgers, counts, strict=True):
                rate = _round(threads, ledger, count, claims, count + number * claims)
                if number:  # the first warms up
                    each.append(rate)
    for ledger in ledgers:
        ledger.close()
    return rates


def new_database(url: str, name: str) -> str:
    """The URL of a new database on the PostgreSQL at `url`."""
    engine = engine_for(url_of(url))
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return f"{url.rpartition('/')[0]}/{name}"


def _load(url: str, count: int) -> None:
    ledger = Ledger(url, owner="bench")
    ledger.peek("")  # makes the table
    ledger.close()
    engine = engine_for(url_of(url))
    with engine.connect() as connection:
        for first in range(1, count + 1, BATCH):
            rows = NUMBERS[engine.dialect.name].format(first=first, last=min(first + BATCH - 1, count), row=ROW)
            connection.exec_driver_sql(f"INSERT INTO ledger (key, owner, wins, result, completed_at) {rows}")
        connection.exec_driver_sql(SETTLE[engine.dialect.name])
    engine.dispose()


def _round(threads: ThreadPoolExecutor, ledger: Ledger, count: int, claims: int, first: int) -> float:
    chosen = random.Random(first)
    keys = [
        (first + number, Won) if number % 2 else (chosen.randint(1, count), Done) for number in range(1, claims + 1)
    ]
    started = time.perf_counter()
    found = list(
        threads.map(lambda key: ledger.claim(move_key(DEFAULT_PORTAL, key[0], 1, CREATED, None), LEASE_S), keys)
    )
    took_s = time.perf_counter() - started
    if wrong := [key for key, answer in zip(keys, found, strict=True) if not isinstance(answer, key[1])]:
        raise RuntimeError(f"{len(wrong)} claims were not answered as they must, the first of them {wrong[0]}")
    return claims / took_s
