"""Old results are forgotten, unfinished work never, by whoever comes first and beside whoever works."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import sqlalchemy as sa

from shared.errors import TransientError
from shared.store.ledger import BY_AGE, PRUNE_BATCH, ROWS, Done, Free, Ledger, Won
from shared.store.ledger.pruning import prune, prune_in_background
from tests.contract.ledger.claims import LONG_S, won
from tests.support.waiting import wait_until


def test_prune_forgets_old_results_and_never_unfinished_work(ledger):
    ledger.complete("done", "yes")
    ledger.claim("open", 0)
    assert ledger.prune(older_than_s=60) == 0
    assert wait_until(lambda: ledger.prune(older_than_s=0), 5, "the result to be old") == 1
    assert ledger.peek("done") == Free()
    assert won(ledger.claim("open", LONG_S)).taken_over


def age(ledger: Ledger, days: float) -> None:
    """As if all had been done so long ago."""
    with ledger.rows.engine.connect() as connection:
        connection.execute(sa.update(ROWS).values(completed_at=ledger.rows.now - days * 86_400))


def test_a_round_of_pruning_takes_all_that_is_too_old_in_batches_and_nothing_younger(ledger):
    many = PRUNE_BATCH + 30
    ledger.complete("first", "yes")
    with ledger.rows.engine.connect() as connection:
        connection.execute(sa.insert(ROWS), [{"key": f"old {n}", "wins": 1, "result": "yes"} for n in range(many)])
    age(ledger, 401)
    ledger.complete("young", "yes")
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return False

    assert prune(ledger, 400, wait) == many + 1
    assert len(waits) == 1
    assert (ledger.peek("old 7"), ledger.peek("young")) == (Free(), Done("yes"))


def test_two_that_prune_at_once_do_not_disturb_each_other_nor_a_claim(open_ledger):
    ledgers = [open_ledger() for _ in range(4)]
    ledgers[0].complete("first", "yes")
    with ledgers[0].rows.engine.connect() as connection:
        connection.execute(sa.insert(ROWS), [{"key": f"old {n}", "wins": 1, "result": "yes"} for n in range(2000)])
    age(ledgers[0], 401)
    with ThreadPoolExecutor(8) as pool:
        rounds = [pool.submit(prune, ledger, 400, lambda _: False) for ledger in ledgers]
        claims = [pool.submit(ledger.claim, f"new {n}", LONG_S) for n, ledger in enumerate(ledgers)]
    assert sum(done.result() for done in rounds) == 2001
    assert all(isinstance(claim.result(), Won) for claim in claims)


def test_pruning_begins_at_once_survives_a_lost_database_and_ends_when_asked(ledger, monkeypatch):
    ledger.complete("old", "yes")
    age(ledger, 401)
    stop = threading.Event()
    asked: list[float] = []
    working = ledger.prune

    def fails_once(older_than_s: float) -> int:
        monkeypatch.setattr(ledger, "prune", working)
        raise TransientError("the ledger cannot be reached")

    def wait(seconds: float) -> bool:
        asked.append(seconds)
        return stop.wait(0.01)

    monkeypatch.setattr(ledger, "prune", fails_once)
    prune_in_background(ledger, 400, wait)
    wait_until(lambda: ledger.peek("old") == Free(), 10, "the second round")
    stop.set()
    wait_until(lambda: not any(t.name == "housekeeping" for t in threading.enumerate()), 10, "the thread's end")
    assert asked[0] <= 60 < min(asked[1:])


def indexes(ledger: Ledger) -> list[str]:
    return [str(index["name"]) for index in sa.inspect(ledger.rows.engine).get_indexes(ROWS.name)]


def test_a_table_from_before_gets_its_index_from_whoever_comes_first(open_ledger):
    first = open_ledger()
    first.complete("k", "yes")
    with first.rows.engine.connect() as connection:
        connection.exec_driver_sql(f"DROP INDEX {BY_AGE.name}")
    assert indexes(first) == []
    ledgers = [open_ledger() for _ in range(8)]
    together = threading.Barrier(8)

    def claim(ledger: Ledger) -> object:
        together.wait()
        return ledger.claim("k", LONG_S)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(claim, ledgers)) == [Done("yes")] * 8
    assert indexes(first) == [BY_AGE.name]


def test_a_role_that_may_not_make_the_index_still_works(postgres_url):
    role, schema = f"worker_{uuid4().hex[:8]}", f"ledger_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"CREATE SCHEMA {schema}")
        owner = Ledger(f"{postgres_url}?options=-csearch_path%3D{schema}", owner="admin")
        owner.complete("k", "yes")
        owner.close()
        admin.execute(f"DROP INDEX {schema}.{BY_AGE.name}")
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'pw'")
        admin.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        admin.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.ledger TO {role}")
        url = sa.make_url(postgres_url).set(username=role, password="pw").render_as_string(hide_password=False)
        ledger = Ledger(f"{url}?options=-csearch_path%3D{schema}", owner="worker")
        try:
            assert ledger.claim("k", LONG_S) == Done("yes")
            assert wait_until(lambda: ledger.prune(older_than_s=0), 5, "the result to be old") == 1
        finally:
            ledger.close()
            admin.execute(f"DROP SCHEMA {schema} CASCADE")
            admin.execute(f"DROP ROLE {role}")
