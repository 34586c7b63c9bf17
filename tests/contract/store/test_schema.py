"""Tables come to their newest version, by whoever comes first and once; none is touched by who knows too little."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from shared.errors import TransientError
from shared.store import schema
from shared.store.database import engine_for, url_of
from shared.store.history.tables import POSITION, STEPS, UPLOADS, Database
from shared.store.history.versions import HISTORY
from shared.store.ledger import ROWS, Done, Ledger
from shared.store.ledger.versions import LEDGER
from shared.store.schema import Column, Part, bring_up
from shared.store.sweeps.tables import BASELINES, DUE, KNOWN, NOTES
from shared.store.sweeps.versions import SWEEPS
from tests.contract.ledger.claims import LONG_S, won
from tests.contract.store import released as r
from tests.contract.store.released import released
from tests.support.pipes import read_line, write_line

ROOT = Path(__file__).parents[3]
STARTER = """
import sys
from shared.store.history.tables import Database
from shared.store.ledger import Ledger
print("ready", flush=True)
sys.stdin.readline()
ledger = Ledger(sys.argv[1], owner="starter")
complaint = ledger.check()
assert complaint is None, complaint
Database(sys.argv[1]).create()
"""
KEPT = "SELECT part, version, first_version, upgraded_at IS NOT NULL FROM schema_versions ORDER BY part"

PARTS = [
    (LEDGER, (ROWS,)),
    (HISTORY, (UPLOADS, STEPS, POSITION)),
    (SWEEPS, (BASELINES, KNOWN, DUE, NOTES)),
]


@pytest.fixture
def engine(database_url: str):
    with released(database_url):  # makes SQLite's folder
        pass
    engine = engine_for(url_of(database_url))
    yield engine
    engine.dispose()


def kept(engine: sa.Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(KEPT)]


@pytest.mark.parametrize(("part", "tables"), PARTS)
def test_a_fresh_database_has_what_the_statements_expect(engine, part, tables):
    bring_up(engine, part)
    inspector = sa.inspect(engine)
    for table in tables:
        found = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert found == {column.name: column.nullable for column in table.c}
        assert inspector.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
        indexes = {index["name"]: index["column_names"] for index in inspector.get_indexes(table.name)}
        assert indexes == {index.name: [column.name for column in index.columns] for index in table.indexes}
    assert kept(engine) == [(part.name, part.newest, part.newest, False)]


def test_a_released_database_is_upgraded_once_and_knows_that_it_was(engine, database_url):
    with released(database_url) as old:
        old.run(*r.LEDGER, *r.ROWS)
        bring_up(engine, LEDGER)
        before = old.run("SELECT * FROM schema_versions")
        bring_up(engine, LEDGER)
        assert old.run("SELECT * FROM schema_versions") == before
    assert kept(engine) == [("ledger", 2, 1, True)]


@pytest.mark.parametrize("was", ["empty", "released"])
def test_processes_that_start_at_once_agree(engine, database_url, was):
    if was == "released":
        with released(database_url) as old:
            old.run(*r.LEDGER, *r.HISTORY, *r.ROWS)
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", STARTER, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(5)
    ]
    assert [read_line(starter.stdout) for starter in starters] == ["ready\n"] * 5
    for starter in starters:
        write_line(starter.stdin, "go")
    for starter in starters:
        starter.communicate(timeout=60)
    assert [starter.returncode for starter in starters] == [0] * 5
    firsts = {part: 1 if was == "released" else part.newest for part in (HISTORY, LEDGER)}
    assert kept(engine) == [(part.name, part.newest, first, first == 1) for part, first in firsts.items()]


def test_threads_that_start_at_once_agree(engine):
    together = threading.Barrier(12)

    def start(number: int) -> None:
        together.wait()
        bring_up(engine, LEDGER if number % 2 else HISTORY)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(start, range(12)))
    assert kept(engine) == [(part.name, part.newest, part.newest, False) for part in (HISTORY, LEDGER)]


def test_a_database_newer_than_the_program_is_refused_with_what_to_do(engine, database_url):
    for part in (LEDGER, HISTORY):
        bring_up(engine, replace(part, steps=(*part.steps, ())))
    ledger, history = Ledger(database_url, owner="worker"), Database(database_url)
    newer = r"are newer \(version \d\) than this program, which knows version \d: upgrade the program"
    with pytest.raises(TransientError, match=f"the tables of the ledger {newer}"):
        ledger.claim("k", LONG_S)
    assert "upgrade the program" in str(ledger.check())
    with pytest.raises(TransientError, match=f"the tables of the history {newer}"):
        history.create()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM ledger").scalar() == 0
    ledger.close()
    history.close()


def test_a_further_step_keeps_when_the_database_was_first_upgraded(engine, database_url):
    with released(database_url) as old:
        old.run(*r.LEDGER)
        bring_up(engine, LEDGER)
        (before,) = old.run("SELECT * FROM schema_versions")
        bring_up(engine, replace(LEDGER, steps=(*LEDGER.steps, (Column("ledger", "later", "TEXT"),))))
        (after,) = old.run("SELECT * FROM schema_versions")
    assert (after.version, after.first_version, after.upgraded_at) == (3, 1, before.upgraded_at)
    assert after.applied_at >= before.applied_at


def test_steps_that_fail_leave_nothing_behind(engine):
    broken: Part = replace(LEDGER, steps=(*LEDGER.steps, (Column("ledger", "x", "TEXT, nonsense"),)))
    with pytest.raises(sa.exc.SQLAlchemyError):
        bring_up(engine, broken)
    assert sa.inspect(engine).get_table_names() == []


def test_a_table_that_another_keeps_locked_is_not_waited_for_long(postgres_url, monkeypatch):
    monkeypatch.setattr(schema, "LOCK_TIMEOUT", "200ms")
    name = f"ledger_{uuid4().hex}"
    with psycopg.connect(postgres_url) as other:
        other.execute(f"CREATE SCHEMA {name}")
        other.commit()
        url = f"{postgres_url}?options=-csearch_path%3D{name}"
        with released(url) as old:
            old.run(*r.LEDGER)
        other.execute(f"SELECT * FROM {name}.ledger")  # as a backup does
        ledger = Ledger(url, owner="worker")
        assert "lock timeout" in str(ledger.check())
        other.commit()
        assert ledger.check() is None
        ledger.close()
        other.execute(f"DROP SCHEMA {name} CASCADE")


def test_a_role_without_rights_on_the_tables_waits_for_the_upgrade_and_then_works(postgres_url):
    role, name = f"worker_{uuid4().hex[:8]}", f"ledger_{uuid4().hex}"
    url = f"{postgres_url}?options=-csearch_path%3D{name}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"CREATE SCHEMA {name}")
        with released(url) as old:
            old.run(*r.LEDGER, *r.ROWS)
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'pw'")
        admin.execute(f"GRANT USAGE ON SCHEMA {name} TO {role}")
        admin.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.ledger TO {role}")
        theirs = sa.make_url(postgres_url).set(username=role, password="pw").render_as_string(hide_password=False)
        worker, owner = Ledger(f"{theirs}?options=-csearch_path%3D{name}", owner="w"), Ledger(url, owner="o")
        try:
            assert "which this role may not do: the topology is missing or older: run `intake topology`" in str(
                worker.check()
            )
            assert owner.check() is None
            assert worker.claim("done", LONG_S, message="m") == Done("yes")
            won(worker.claim("new", LONG_S, message="m"))
            assert worker.upgraded()
        finally:
            worker.close()
            owner.close()
            admin.execute(f"DROP SCHEMA {name} CASCADE")
            admin.execute(f"DROP ROLE {role}")
