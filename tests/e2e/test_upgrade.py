"""From the released version to this one without a pause: workers of both side by side, on one broker and ledger.

The portal is one that the released version can read: before 3.7.1 a file that nobody has open tells no `editingBy`.
"""

import itertools
import os
import tarfile
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest
import requests
from typer.testing import CliRunner

from console.__main__ import app
from demo.ports import free_port
from shared.amqp.topology import topology
from simulator.outgoing.triggers import UPLOADS
from tests.chaos.mails import title_in
from tests.support.pipeline import INCOMING, WORKERS, Pipeline, Worker, running_pipeline
from tests.support.runtime import DELAYS_S, messages_in, waiting_in
from tests.support.waiting import wait_until
from tests.support.webhooks import add_webhook, remove_webhook

RELEASED = Path(__file__).parents[1] / "released" / "891e820.tar.gz"
BESIDE_S = float(os.environ.get("PROOF_BESIDE_S") or 15)
"""For how long both work: a minute and more in the long proof."""
PER_S = 5.0
OLD_WEBHOOK = 7


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the code of the released version."""
    folder = tmp_path_factory.mktemp("released")
    with tarfile.open(RELEASED) as tar:
        tar.extractall(folder, filter="data")
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    server, name = request.getfixturevalue("postgres_url"), f"upgrade_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server.rpartition('/')[0]}/{name}"


@dataclass
class Upgrade:
    """The workers of both versions, and what was uploaded."""

    pipeline: Pipeline
    old: dict[str, Worker]
    new: dict[str, Worker]
    files: dict[int | str, str] = field(default_factory=dict)
    refused: int | str = 0
    """The file that its portal does not let anybody move, for a while."""
    _number: Iterator[int] = field(default_factory=itertools.count)

    def upload(self, when: str) -> int | str:
        """One with both events, the next with one."""
        number = next(self._number)
        title = f"Invoice {number:03} {when}.pdf"
        file_id = self.pipeline.upload(title, kind="chunked" if number % 2 else "simple")
        self.files[file_id] = title
        return file_id

    def deny(self, *, denied: bool) -> None:
        url = f"{self.pipeline.simulator.url}/simulator/files/{self.refused}"
        requests.put(url, json={"denied": denied}, timeout=5).raise_for_status()

    def lock(self, file_id: int | str, by: str | None) -> None:
        url = f"{self.pipeline.simulator.url}/simulator/files/{file_id}"
        requests.put(url, json={"locked_by": by}, timeout=5).raise_for_status()

    def start(self, workers: Iterable[Worker]) -> None:
        workers = list(workers)
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.wait_ready()

    def wait_all_told(self) -> None:
        wait_until(self._all_told, 90, "every invoice to be filed and told", every_s=0.3)

    def _all_told(self) -> bool:
        subjects = "\n".join(mail["subject"] for mail in self.pipeline.state()["mails"])
        return all(title in subjects for title in self.files.values())


def settled(worker: Worker, outcome: str, because: str = "") -> int:
    found = [event for event in worker.events() if event["event"] == "message.settled"]
    return sum(event["outcome"] == outcome and because in (event["reason"] or "") for event in found)


@pytest.fixture
def upgrade(any_vhost_url: str, database_url: str, released: Path, tmp_path: Path) -> Iterator[Upgrade]:
    """Nothing of ours runs yet."""
    with running_pipeline(any_vhost_url, tmp_path, database_url, held=WORKERS) as pipeline:
        pipeline.mood(no_editing_by=True)
        old = dict(pipeline.workers)
        new = {}
        for name, worker in old.items():
            port = free_port()
            ports = {"HEALTH_PORT": str(port), "INGRESS_PORT": str(free_port())}
            environ = worker.environ | ports | {"SPOOL_PATH": f"{tmp_path}/spool-new.db"}
            new[name] = replace(worker, environ=environ, log=tmp_path / f"{name}-new.log", port=port)
            worker.cwd = released
            pipeline.workers[f"new {name}"] = new[name]
        old["ingress"].port = old["ingress"].webhook_port  # it tells there how it is
        yield Upgrade(pipeline, old, new)


@pytest.mark.timeout(240 + BESIDE_S)
def test_nothing_is_lost_or_done_twice_while_workers_of_both_versions_work(
    upgrade: Upgrade, any_vhost_url: str
) -> None:
    upgrade.start(upgrade.old.values())
    locked = work_of_the_old_alone(upgrade, any_vhost_url)
    upgrade.start([*upgrade.new.values(), upgrade.old["classifier"], upgrade.old["mover"]])
    work_of_both(upgrade, locked)
    remove_webhook(upgrade.pipeline.simulator.url, OLD_WEBHOOK)
    assert [worker.stop() for worker in upgrade.old.values()] == [0] * len(WORKERS)
    for _ in range(10):
        upgrade.upload("with the new alone")
    replay(upgrade)
    upgrade.wait_all_told()
    queues = [queue.name for queue in topology(DELAYS_S).queues]
    wait_until(lambda: not messages_in(any_vhost_url, queues), 60, "nothing to be left in a queue", every_s=0.5)

    state, files = upgrade.pipeline.state(), upgrade.files
    assert Counter(move["file_id"] for move in state["moves"]) == Counter(files.keys())
    assert {file["folder_id"] for file in state["files"] if file["id"] in files} == {INCOMING}
    mails = Counter(map(title_in, state["mails"]))
    assert mails == Counter(files.values())
    dead = {worker.log.stem: settled(worker, "dead") for worker in (*upgrade.old.values(), *upgrade.new.values())}
    assert [name for name, count in dead.items() if count] == ["mover"]


def work_of_the_old_alone(upgrade: Upgrade, url: str) -> list[int | str]:
    """Some are filed and told, one is among the dead letters, some wait for a mover and a classifier that were
    stopped. Returns those that wait to be tried again, locked.
    """
    pipeline, mover, classifier = upgrade.pipeline, upgrade.old["mover"], upgrade.old["classifier"]
    for _ in range(10):
        upgrade.upload("filed by the old")
    upgrade.wait_all_told()
    pipeline.faults({"portal_down": True})  # so that they are locked before they are moved
    locked = [upgrade.upload("locked") for _ in range(6)]
    for file_id in locked:
        upgrade.lock(file_id, "client")
    upgrade.refused = upgrade.upload("refused")
    upgrade.deny(denied=True)
    pipeline.faults(None)
    wait_until(lambda: settled(mover, "retry", "lock") >= 6, 60, "the locked ones to wait")
    wait_until(lambda: waiting_in(url, "mover.dead") == 2, 60, "the dead letters of both its events")
    assert mover.stop() == 0
    for _ in range(10):
        upgrade.upload("queued")
    wait_until(lambda: waiting_in(url, "mover") >= 10, 60, "uploads to wait in the mover's queue")
    assert classifier.stop() == 0
    for _ in range(5):
        upgrade.upload("not looked at")
    wait_until(lambda: waiting_in(url, "classifier") >= 5, 60, "uploads to wait in the classifier's queue")
    return locked


def replay(upgrade: Upgrade) -> None:
    """The dead letters of the old one, by the newest command."""
    upgrade.deny(denied=False)
    done = CliRunner().invoke(app, ["dead", "replay", "--all"], env=upgrade.new["mover"].environ)
    assert (done.exit_code, "Replayed: 2" in done.output) == (0, True), done.output


def work_of_both(upgrade: Upgrade, locked: list[int | str]) -> None:
    """Each event comes to both ingresses. Half-way, one after another of the locked files is unlocked."""
    pipeline = upgrade.pipeline
    add_webhook(pipeline.simulator.url, "new", upgrade.new["ingress"].webhook_url, UPLOADS)
    working = [versions[name] for versions in (upgrade.old, upgrade.new) for name in WORKERS if name != "ingress"]
    before = [settled(worker, "forward") for worker in working]
    began = time.monotonic()
    while (passed_s := time.monotonic() - began) < BESIDE_S:
        upgrade.upload("beside")
        if locked and passed_s > BESIDE_S / 2:
            upgrade.lock(locked.pop(), None)
        time.sleep(1 / PER_S)
    did = {worker.log.stem: settled(worker, "forward") - was for worker, was in zip(working, before, strict=True)}
    assert all(did.values()), did
