"""The ledger and the history behind a real PgBouncer, which gives each transaction another server connection."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from shared.errors import TransientError
from shared.store.history.queries import Queries
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.ledger import Done, Held, Ledger, Won
from shared.store.ledger.rows import Claim, Note, Result, Wanted
from shared.store.postgres import PREPARE_AFTER
from tests.contract.history.steps import filed
from tests.contract.ledger.claims import LONG_S, won
from tests.support.pgbouncer import SERVER_CONNECTIONS, find_pgbouncer, running_pgbouncer
from tests.support.waiting import wait_until

OFTEN = 12
"""Executions of one statement: psycopg would prepare it after the fifth."""

STEPS = filed("any upload")

NO_POOLER = "This test needs PgBouncer: `apt-get install pgbouncer` (`make test` does)"


@pytest.fixture(scope="module", params=["transaction", "session"])
def pooled_url(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[str]:
    program = find_pgbouncer()
    if program is None:
        pytest.fail(NO_POOLER)
    with running_pgbouncer(program, postgres_url, request.param) as url:
        yield url


@contextmanager
def ledgers(url: str, count: int) -> Iterator[list[Ledger]]:
    """As so many processes have them."""
    opened = [Ledger(url, owner=f"worker {number}") for number in range(count)]
    yield opened
    for each in opened:
        each.close()


def test_processes_that_meet_in_an_empty_database_make_its_tables_once(pooled_url):
    together = threading.Barrier(6)

    def begin(ledger: Ledger) -> str | None:
        together.wait()
        return ledger.check()

    with ledgers(pooled_url, 6) as opened, ThreadPoolExecutor(6) as pool:
        assert list(pool.map(begin, opened)) == [None] * 6


def test_each_piece_of_work_is_won_once_by_many_on_fewer_connections(pooled_url):
    assert SERVER_CONNECTIONS < 8
    with ledgers(pooled_url, 4) as opened, ThreadPoolExecutor(8) as pool:

        def work(number: int) -> list[str]:
            mine = []
            for key in (f"work {each}" for each in range(2 * OFTEN)):
                ledger = opened[number % 4]
                claim = ledger.claim(key, LONG_S, message=f"message {number}")
                if isinstance(claim, Won):
                    assert ledger.note(key, claim.token, f"by {number}")
                    ledger.complete(key, f"by {number}")
                    mine.append(key)
            return mine

        keys = [key for mine in pool.map(work, range(8)) for key in mine]
    assert sorted(keys) == sorted(f"work {each}" for each in range(2 * OFTEN))


def test_statements_are_prepared_on_direct_connections_alone(pooled_url, postgres_url):
    for url, threshold in ((postgres_url, PREPARE_AFTER), (pooled_url, None)):
        with ledgers(url, 1) as (ledger,), ledger.rows.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            assert driver.prepare_threshold == threshold


def test_every_call_may_be_repeated_often_by_two_at_once(pooled_url):
    with ledgers(pooled_url, 2) as (first, second):
        for turn in range(OFTEN):
            for ledger in (first, second):
                keys = [f"{ledger._owner} {turn} {each}" for each in range(3)]
                tokens = [won(claim).token for claim in ledger.rows.claim([Wanted(key) for key in keys], LONG_S)]
                mine = [Claim(key, token) for key, token in zip(keys, tokens, strict=True)]
                assert ledger.rows.note([Note(*claim[:2], "begun") for claim in mine]) == [True] * 3
                ledger.rows.renew(mine, LONG_S)
                ledger.rows.complete([Result(keys[0], "done")])
                ledger.rows.release(mine[1:2])
                assert ledger.peek(keys[0]) == Done("done")
                assert isinstance(ledger.claim(keys[2], LONG_S), Held)
                ledger.abandon([f"message {turn}"])
                assert ledger.prune(10_000) == 0
                assert ledger.check() is None
                assert not ledger.upgraded()


def test_the_history_is_kept_and_asked_by_two_at_once(pooled_url):
    databases = [Database(pooled_url, writes=True) for _ in range(2)]
    for number, each in enumerate(databases):
        each.create()
        for turn in range(OFTEN):
            Store(each).record(filed(f"upload {number} {turn}"), turn)
    for turn in range(OFTEN):
        for each in databases:
            assert [len(Queries(each).timeline(f"upload {number} {turn}")) for number in (0, 1)] == [len(STEPS)] * 2
    for each in databases:
        each.close()


def test_a_pooler_that_leads_to_a_server_that_only_reads_is_not_believed(pooled_url, postgres_url):
    """As after a failover, until PgBouncer leaves its connections to the old primary."""
    name = sa.make_url(pooled_url).database
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with ledgers(pooled_url, 1) as (ledger,), psycopg.connect(postgres_url, autocommit=True) as admin:
        ledger.claim("before", LONG_S)
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        admin.execute(ends, (name,))
        try:
            wait_until(lambda: "read-only" in str(ledger.check()), 30, "the ledger to see it")
            for _ in range(2):
                with pytest.raises(TransientError, match="read-only"):
                    ledger.peek("before")
        finally:
            admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
            admin.execute(ends, (name,))
        wait_until(lambda: ledger.check() is None, 30, "the ledger to be ready")
        assert isinstance(ledger.claim("before", LONG_S), Held)


def test_connections_that_the_pooler_closes_are_replaced_unnoticed(pooled_url, postgres_url):
    with ledgers(pooled_url, 1) as (ledger,):
        ledger.claim("kept", LONG_S)
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'pooled%'"
            ).fetchall()
        assert isinstance(ledger.claim("kept", LONG_S), Held)
