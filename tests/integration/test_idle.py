"""A worker that has nothing to do hardly wakes, and hardly asks its database."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from shared.store.rulebook.store import RulebookStore
from tests.support.pipeline import INCOMING, ROOM, WORKERS, Pipeline, running_pipeline

WATCHED_S = 20.0
TOLD_WITHIN_S = 12.0
"""PostgreSQL counts a statement ten seconds later, if its connection is idle."""
LOOKS = 1 + WATCHED_S / 5
"""At most: for a pause and the rules."""
STATEMENTS_A_LOOK = 2
"""The look itself, and before it whether the server still writes."""
WAKES_A_S = 6.0
"""Of all threads of a worker: the broker's probe, heartbeats on two connections, the look, log and mail server."""
RULES = f"""[[rule]]
name = "acme"
rooms = [{ROOM}]
destination = {INCOMING}
recipients = ["a@example.com"]
"""


class Watched:
    """A database of its own, whose statements the server counts."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._name = f"idle_{uuid4().hex}"
        self.url = server_url.rpartition("/")[0] + "/" + self._name
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self._name)))

    def statements(self) -> int:
        """So far; each commits by itself."""
        query = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s"
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            (count,) = connection.execute(query, [self._name]).fetchone() or (0,)
        return int(count)

    def drop(self) -> None:
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self._name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture
def watched(postgres_url: str) -> Iterator[Watched]:
    database = Watched(postgres_url)
    yield database
    database.drop()


@pytest.fixture
def idle(any_vhost_url: str, tmp_path: Path, watched: Watched) -> Iterator[Pipeline]:
    """All are ready, and the classifier has the watched database to itself."""
    rulebook = RulebookStore(watched.url)
    rulebook.publish(RULES, "anna", "", rules_hash="")
    rulebook.close()
    with running_pipeline(any_vhost_url, tmp_path, held=("classifier",)) as running:
        running.workers["classifier"].start(DATABASE_URL=watched.url)  # without a ledger it asks nothing else
        running.wait_ready()
        time.sleep(TOLD_WITHIN_S)
        yield running


def wakes(pid: int) -> int:
    """How often its threads slept until something woke them."""
    statuses = [task / "status" for task in Path(f"/proc/{pid}/task").iterdir()]
    lines = [line for status in statuses for line in status.read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches:"))


@pytest.mark.timeout(300)
def test_idle_workers_hardly_wake_and_look_once_in_five_seconds(idle: Pipeline, watched: Watched) -> None:
    pids = {name: process.pid for name in WORKERS if (process := idle.workers[name].process)}
    woken = {name: wakes(pid) for name, pid in pids.items()}
    asked, began = watched.statements(), time.monotonic()
    time.sleep(WATCHED_S)  # what is counted is that nothing happens
    passed_s = time.monotonic() - began
    a_second = {name: (wakes(pid) - woken[name]) / passed_s for name, pid in pids.items()}
    said = watched.statements() - asked
    assert said <= LOOKS * STATEMENTS_A_LOOK, f"in {passed_s:.1f} s"
    assert {name: rate for name, rate in a_second.items() if rate > WAKES_A_S} == {}
