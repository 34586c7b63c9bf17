"""A worker that has nothing to do hardly wakes, and hardly asks its database."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from shared.store.rulebook.store import RulebookStore
from tests.support.pipeline import INCOMING, ROOM, WORKERS, Pipeline, running_pipeline
from tests.support.proxy import Proxy, proxy

WATCHED_S = 20.0
SETTLES_S = 5.0
"""After its start a worker has looked for everything once."""
LOOKS = 1 + WATCHED_S / 5
"""At most: for a pause and the rules."""
QUESTIONS_A_LOOK = 2
"""The look itself, and before it whether the server still writes."""
WAKES_A_S = 6.0
"""Of all threads of a worker: the broker's probe, heartbeats on two connections, the look, log and mail server."""
RULES = f"""[[rule]]
name = "acme"
rooms = [{ROOM}]
destination = {INCOMING}
recipients = ["a@example.com"]
"""


@pytest.fixture
def watched(postgres_url: str, free_port: Callable[[], int]) -> Iterator[tuple[Proxy, str]]:
    """What stands before the server, and the URL of the database through it."""
    parts = urlsplit(postgres_url)
    with proxy(free_port(), parts.port or 5432) as counting:
        name = f"idle_{uuid4().hex}"
        run(postgres_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        user = parts.netloc.rpartition("@")[0]
        yield counting, f"{parts.scheme}://{user}@127.0.0.1:{counting.port}/{name}"
    run(postgres_url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def run(server_url: str, statement: sql.Composed) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def idle(any_vhost_url: str, tmp_path: Path, watched: tuple[Proxy, str]) -> Iterator[Pipeline]:
    """All are ready, and the classifier has the watched database to itself."""
    _, url = watched
    rulebook = RulebookStore(url)
    rulebook.publish(RULES, "anna", "", rules_hash="")
    rulebook.close()
    with running_pipeline(any_vhost_url, tmp_path, held=("classifier",)) as running:
        running.workers["classifier"].start(DATABASE_URL=url)  # without a ledger it asks nothing else
        running.wait_ready()
        time.sleep(SETTLES_S)
        yield running


def wakes(pid: int) -> int:
    """How often its threads slept until something woke them."""
    statuses = [task / "status" for task in Path(f"/proc/{pid}/task").iterdir()]
    lines = [line for status in statuses for line in status.read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches:"))


@pytest.mark.timeout(300)
def test_idle_workers_hardly_wake_and_look_once_in_five_seconds(idle: Pipeline, watched: tuple[Proxy, str]) -> None:
    counting, _ = watched
    pids = {name: process.pid for name in WORKERS if (process := idle.workers[name].process)}
    woken = {name: wakes(pid) for name, pid in pids.items()}
    asked, began = counting.asked, time.monotonic()
    time.sleep(WATCHED_S)  # what is counted is that nothing happens
    passed_s = time.monotonic() - began
    a_second = {name: (wakes(pid) - woken[name]) / passed_s for name, pid in pids.items()}
    said = counting.asked - asked
    assert 0 < said <= LOOKS * QUESTIONS_A_LOOK, f"in {passed_s:.1f} s"
    assert {name: rate for name, rate in a_second.items() if rate > WAKES_A_S} == {}
